{#- An amount of the row in the reporting currency. DuckDB multiplies two decimals of 18 digits in
    18 digits, so that 10,000.0000 x 1.1000000000 overflows: one side is made wider.
    Example: {{ to_reporting('quantity * unit_price') }} as gross_sales -#}
{%- macro to_reporting(amount, rate='reporting_rate') -%}
    cast(cast({{ amount }} as decimal(28, 4)) * {{ rate }} as {{ type_money() }})
{%- endmacro -%}
