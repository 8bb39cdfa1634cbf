{#- Interpolated percentile (percentile_cont) over the not-null values, as double: DuckDB
    answers a decimal with a decimal.
    Example: {{ percentile('net_sales', 0.5) }} -#}
{%- macro percentile(expression, share) -%}
    {{ return(adapter.dispatch('percentile', 'ecommerce_kpis')(expression, share)) }}
{%- endmacro -%}

{%- macro default__percentile(expression, share) -%}
    quantile_cont(cast({{ expression }} as {{ type_double() }}), {{ share }})
{%- endmacro -%}

{%- macro spark__percentile(expression, share) -%}
    percentile(cast({{ expression }} as {{ type_double() }}), {{ share }})
{%- endmacro -%}
