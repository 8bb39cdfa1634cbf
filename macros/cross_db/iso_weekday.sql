{#- The day of the week of a date: 1 is Monday, 7 is Sunday (integer).
    Example: {{ iso_weekday('date_day') }} -#}
{%- macro iso_weekday(date) -%}
    {{ return(adapter.dispatch('iso_weekday', 'ecommerce_kpis')(date)) }}
{%- endmacro -%}

{%- macro default__iso_weekday(date) -%}
    cast(extract(isodow from {{ date }}) as integer)
{%- endmacro -%}

{%- macro spark__iso_weekday(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro -%}
