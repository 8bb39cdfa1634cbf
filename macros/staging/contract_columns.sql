{#- The names of a raw table's contract columns, one a line, to be selected.
    Example: {{ contract_columns('orders') }} -#}
{%- macro contract_columns(table) -%}
    {%- if execute -%}
        {%- for column in contract(table).columns %}
        {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
