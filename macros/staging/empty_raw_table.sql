{#- A raw table of the contract's shape without a row, as a query, for one that the shop does not have. -#}
{%- macro empty_raw_table(table) -%}
    select
    {%- for column in contract(table).columns %}
        cast(null as {{ engine_type(column.type) }}) as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
    {%- endfor %}
    where false
{%- endmacro -%}
