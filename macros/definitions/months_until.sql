{#- Calendar months from one date to another: boundaries crossed, whatever the days.
    Example: {{ months_until('cohort_month', 'booked_on') }} -#}
{%- macro months_until(from, to) -%}
    cast(
        12 * (extract(year from {{ to }}) - extract(year from {{ from }}))
        + extract(month from {{ to }}) - extract(month from {{ from }}) as integer
    )
{%- endmacro -%}
