{#- Whether a table is built anew although it is there: with --full-refresh, or where it cannot be
    continued (open_increments); always where the engine continues none. Called by dbt, for incremental
    models and seeds. -#}
{% macro should_full_refresh() %}
    {%- if flags.FULL_REFRESH or not execute -%}
        {%- do return(flags.FULL_REFRESH) -%}
    {%- endif -%}
    {%- if target.type != 'duckdb' -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- set recorded -%}
        select count(*) from information_schema.tables
        where table_schema = 'runs' and table_name = 'increments'
    {%- endset -%}
    {%- if run_query(recorded).columns[0].values()[0] == 0 -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- do return(run_query("select count(*) from runs.increments where model = '" ~ this.identifier ~ "'").columns[0].values()[0] == 0) -%}
{% endmacro %}
