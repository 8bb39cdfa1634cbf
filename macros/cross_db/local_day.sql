{#- The day of a UTC timestamp in the reporting time zone (date).
    Example: {{ local_day('ordered_at') }} -#}
{%- macro local_day(timestamp) -%}
    {{ return(adapter.dispatch('local_day', 'ecommerce_kpis')(timestamp)) }}
{%- endmacro -%}

{%- macro default__local_day(timestamp) -%}
    {%- set zone = var('reporting_timezone') -%}
    {%- if zone == 'UTC' -%}
        cast({{ timestamp }} as date)
    {%- else -%}
        cast({{ timestamp }} at time zone 'UTC' at time zone '{{ zone }}' as date)
    {%- endif -%}
{%- endmacro -%}

{%- macro spark__local_day(timestamp) -%}
    cast(from_utc_timestamp({{ timestamp }}, '{{ var("reporting_timezone") }}') as date)
{%- endmacro -%}
