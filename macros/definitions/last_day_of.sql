{#- The last day of the period that starts on a date, by the grain in a column.
    Example: {{ last_day_of('period_grain', 'period_start') }} -#}
{%- macro last_day_of(grain, first_day) -%}
    cast(
        case {{ grain }}
            when 'day' then {{ first_day }}
            when 'week' then {{ first_day }} + interval '6' day
            when 'month' then {{ first_day }} + interval '1' month - interval '1' day
            when 'quarter' then {{ first_day }} + interval '3' month - interval '1' day
            when 'year' then {{ first_day }} + interval '12' month - interval '1' day
        end as date
    )
{%- endmacro -%}
