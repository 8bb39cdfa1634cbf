{#- The UTC timestamp at which a day of the reporting time zone ends.
    Example: {{ day_ended_at('period_end') }} -#}
{%- macro day_ended_at(day) -%}
    {{ return(adapter.dispatch('day_ended_at', 'ecommerce_kpis')(day)) }}
{%- endmacro -%}

{%- macro default__day_ended_at(day) -%}
    {%- set zone = var('reporting_timezone') -%}
    cast({{ day }} + interval '1' day as timestamp)
    {%- if zone != 'UTC' %} at time zone '{{ zone }}' at time zone 'UTC' {%- endif -%}
{%- endmacro -%}

{%- macro spark__day_ended_at(day) -%}
    to_utc_timestamp({{ day }} + interval '1' day, '{{ var("reporting_timezone") }}')
{%- endmacro -%}
