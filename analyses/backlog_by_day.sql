-- What is in each stage at the end of each of the last 28 days, and for how long.
select
    delivery_performance.period_start as day,
    delivery_performance.stage,
    delivery_performance.open_shipments,
    delivery_performance.average_open_hours
from {{ ref('delivery_performance') }} as delivery_performance
cross join {{ ref('int_as_of') }} as as_of
where
    delivery_performance.segment_type = 'all'
    and delivery_performance.period_grain = 'day'
    and delivery_performance.period_start <= as_of.as_of
    and {{ plus_days('delivery_performance.period_start', 28) }} > as_of.as_of
order by delivery_performance.period_start, delivery_performance.stage_number
