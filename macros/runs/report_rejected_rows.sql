{#- Says at the end of a build how many rows were rejected, and of each table that lost one in a
    hundred or more, why the most: a table that is rejected whole (a currency without rates, another
    spelling of times) leaves a build that is green and empty. Of a run that did not come to both
    tables it says nothing. Called on-run-end. -#}
{% macro report_rejected_rows(results) %}
    {%- set built = results | selectattr('status', 'equalto', 'success') | map(attribute='node.name') | list if execute else [] -%}
    {%- if 'raw_row_accounting' in built and 'rejected_rows' in built -%}
        {%- set tables -%}
            with

            reasons as (

                select
                    table_name,
                    reason,
                    count(*) as rows_of_reason,
                    row_number() over (partition by table_name order by count(*) desc, reason) as place
                from {{ adapter.get_relation(target.database or none, target.schema, 'rejected_rows') }}
                group by table_name, reason

            )

            select
                accounting.table_name,
                accounting.rows_read,
                accounting.rows_rejected,
                reasons.reason,
                reasons.rows_of_reason
            from {{ adapter.get_relation(target.database or none, target.schema, 'raw_row_accounting') }} as accounting
            inner join reasons
                on accounting.table_name = reasons.table_name
            where reasons.place = 1 and accounting.rows_rejected > 0
            order by accounting.table_name
        {%- endset -%}
        {%- set all = namespace(rows=0) -%}
        {%- for table, read, rejected, reason, of_reason in run_query(tables).rows -%}
            {%- set all.rows = all.rows + rejected -%}
            {%- if rejected * 100 >= read -%}
                {%- do log('Input: ' ~ rejected ~ ' of ' ~ read ~ ' row(s) of `' ~ table ~ '` were rejected, ' ~ of_reason ~ ' of them for `' ~ reason ~ '`.', info=true) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if all.rows -%}
            {%- do log('Input: ' ~ all.rows ~ ' row(s) were rejected in all; rejected_rows says which, and why.', info=true) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
