{#- An amount of the row in the reporting currency.
    Example: {{ to_reporting('quantity * unit_price') }} as gross_sales -#}
{%- macro to_reporting(amount, rate='reporting_rate') -%}
    cast(({{ amount }}) * {{ rate }} as {{ type_money() }})
{%- endmacro -%}
