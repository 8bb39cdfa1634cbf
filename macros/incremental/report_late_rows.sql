{#- Says at the end of a build which rows came too late to be taken in, and the command that takes
    them in. Called on-run-end. -#}
{% macro report_late_rows() %}
    {%- set accounting = adapter.get_relation(target.database or none, target.schema, 'raw_row_accounting') if execute and flags.WHICH in ('run', 'build', 'retry') -%}
    {%- if accounting and 'rows_late' in adapter.get_columns_in_relation(accounting) | map(attribute='name') -%}
        {%- set late = run_query('select table_name, rows_late from ' ~ accounting ~ ' where rows_late > 0 order by table_name') -%}
        {%- for table, rows in late.rows -%}
            {%- do log('Input: ' ~ rows ~ ' row(s) of `' ~ table ~ '` came more than ' ~ var('look_back_days') ~ ' days after their loaded_at and are in no table;
 take them in with `dbt build --full-refresh`, or raise `look_back_days`.' | replace('\n', ''), info=true) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
