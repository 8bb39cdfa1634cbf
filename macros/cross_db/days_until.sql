{#- Whole days from one date to another, negative where `to` is earlier. dbt.datediff wraps the same in
    casts to timestamp. Example: {{ days_until('last_order_on', 'as_of') }} -#}
{%- macro days_until(from, to) -%}
    {{ return(adapter.dispatch('days_until', 'ecommerce_kpis')(from, to)) }}
{%- endmacro -%}

{%- macro default__days_until(from, to) -%}
    date_diff('day', {{ from }}, {{ to }})
{%- endmacro -%}

{%- macro spark__days_until(from, to) -%}
    cast(datediff({{ to }}, {{ from }}) as bigint)
{%- endmacro -%}
