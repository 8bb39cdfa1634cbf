{#- Amounts in the reporting currency: 12 decimals, so that a converted amount is not rounded
    (docs/decisions.md, 6). -#}
{%- macro type_money() -%}decimal(34, 12){%- endmacro -%}
