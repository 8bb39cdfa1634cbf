-- The last complete month against the month before and the year before, in the reporting currency.
select
    comparison,
    driver,
    previous_value,
    value,
    contribution
from {{ ref('revenue_drivers') }}
where
    period_grain = 'month'
    and is_complete_period
    and segment_type = 'all'
qualify
    dense_rank() over (
        order by period_start desc
    ) = 1
order by comparison, abs(contribution) desc
