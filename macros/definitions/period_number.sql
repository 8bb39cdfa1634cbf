{#- A number that is one higher for each period of the grain (in a column), by a date in it, so that
    the distance of two periods is a difference.
    Example: {{ period_number('period_grain', 'period_start') }} -#}
{%- macro period_number(grain, date) -%}
    case {{ grain }}
        when 'day' then {{ days_until("date '2000-01-03'", date) }}
        when 'week' then cast(floor({{ days_until("date '2000-01-03'", date) }} / 7.0) as integer)
        when 'month' then extract(year from {{ date }}) * 12 + extract(month from {{ date }})
        when 'quarter' then extract(year from {{ date }}) * 4 + extract(quarter from {{ date }})
        when 'year' then extract(year from {{ date }})
    end
{%- endmacro -%}
