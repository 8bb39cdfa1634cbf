{#- Elapsed seconds from one timestamp to another, fractional, negative where `to` is earlier
    (double).
    Example: {{ seconds_between('paid_at', 'shipped_at') }} -#}
{%- macro seconds_between(from, to) -%}
    {{ return(adapter.dispatch('seconds_between', 'ecommerce_kpis')(from, to)) }}
{%- endmacro -%}

{%- macro default__seconds_between(from, to) -%}
    (date_diff('microsecond', {{ from }}, {{ to }}) / 1000000.0)
{%- endmacro -%}

{%- macro spark__seconds_between(from, to) -%}
    ((unix_micros({{ to }}) - unix_micros({{ from }})) / 1000000.0D)
{%- endmacro -%}
