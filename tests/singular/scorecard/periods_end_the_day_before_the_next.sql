-- A period ends the day before the next one begins, and is complete when that day is no later than
-- as_of: of the marts that work out either by themselves.
{% set marts = [
    'revenue_changes', 'channel_attribution', 'conversion_funnel', 'cart_abandonment_causes',
    'delivery_performance', 'kpi_scorecard',
] %}

with

periods as (

    {% for mart in marts -%}
    select
        '{{ mart }}' as mart,
        period_grain,
        period_start,
        period_end,
        is_complete_period
    from {{ ref(mart) }}
    group by period_grain, period_start, period_end, is_complete_period
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

counted as (

    select
        periods.*,
        as_of.as_of,
        {{ days_until('periods.period_start', 'periods.period_end') }} + 1 as days,
        extract(day from periods.period_end + interval '1' day) as day_after,
        extract(year from periods.period_end) * 12 + extract(month from periods.period_end)
        - extract(year from periods.period_start) * 12
        - extract(month from periods.period_start)
        + 1 as months
    from periods
    cross join as_of

)

select *
from counted
where
    is_complete_period is distinct from (period_end <= as_of)
    or case period_grain
        when 'day' then days <> 1
        when 'week' then days <> 7
        when 'month' then day_after <> 1 or months <> 1
        when 'quarter' then day_after <> 1 or months <> 3
        when 'year' then day_after <> 1 or months <> 12
        else true
    end
