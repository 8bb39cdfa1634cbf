{#- Says at the end of a build of which tables rows were rejected, how many, and why the most: a
    table that is rejected whole (a currency without rates, another spelling of times) leaves a
    build that is green and empty. Called on-run-end. -#}
{% macro report_rejected_rows() %}
    {%- set accounting = adapter.get_relation(target.database or none, target.schema, 'raw_row_accounting') if execute and flags.WHICH in ('run', 'build', 'retry') -%}
    {%- set rejected = adapter.get_relation(target.database or none, target.schema, 'rejected_rows') if accounting -%}
    {%- if rejected -%}
        {%- set tables -%}
            with

            reasons as (

                select
                    table_name,
                    reason,
                    count(*) as rows_of_reason,
                    row_number() over (partition by table_name order by count(*) desc, reason) as place
                from {{ rejected }}
                group by table_name, reason

            )

            select
                accounting.table_name,
                accounting.rows_read,
                accounting.rows_rejected,
                reasons.reason,
                reasons.rows_of_reason
            from {{ accounting }} as accounting
            inner join reasons
                on accounting.table_name = reasons.table_name
            where reasons.place = 1 and accounting.rows_rejected > 0
            order by accounting.table_name
        {%- endset -%}
        {%- for table, read, rejected, reason, of_reason in run_query(tables).rows -%}
            {%- do log('Input: ' ~ rejected ~ ' of ' ~ read ~ ' row(s) of `' ~ table ~ '` were rejected, ' ~ of_reason ~ ' of them for `' ~ reason
                ~ '`; rejected_rows says which.', info=true) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
