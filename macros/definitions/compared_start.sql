{#- The first day of the period that one is compared with: previous_period, or year_ago (of a week
    the one 52 weeks before, else the same date a year before).
    Example: {{ compared_start('year_ago', 'period_grain', 'period_start') }} -#}
{%- macro compared_start(comparison, grain, first_day) -%}
    cast(
        case {{ grain }}
        {%- if comparison == 'year_ago' %}
            when 'week' then {{ first_day }} - interval '364' day
            else {{ first_day }} - interval '12' month
        {%- else %}
            when 'day' then {{ first_day }} - interval '1' day
            when 'week' then {{ first_day }} - interval '7' day
            when 'month' then {{ first_day }} - interval '1' month
            when 'quarter' then {{ first_day }} - interval '3' month
            when 'year' then {{ first_day }} - interval '12' month
        {%- endif %}
        end as date
    )
{%- endmacro -%}
