{#- The cohort of a date: its month as YYYY-MM. Example: {{ cohort_of('first_order_on') }} -#}
{%- macro cohort_of(date) -%}
    concat(
        cast(extract(year from {{ date }}) as {{ type_text() }}),
        '-',
        lpad(cast(extract(month from {{ date }}) as {{ type_text() }}), 2, '0')
    )
{%- endmacro -%}
