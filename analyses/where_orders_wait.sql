-- Where orders lose time: the stages of each warehouse over the last complete month, and what is in
-- them at its end.
select
    segment_value as warehouse_id,
    stage,
    shipments,
    average_hours,
    p50_hours,
    p90_hours,
    share_of_total,
    is_bottleneck,
    is_warehouse_bottleneck,
    open_shipments,
    average_open_hours
from {{ ref('delivery_performance') }}
where
    segment_type = 'warehouse'
    and period_grain = 'month'
    and period_start = (
        select max(last_month.period_start)
        from {{ ref('delivery_performance') }} as last_month
        where
            last_month.period_grain = 'month'
            and last_month.is_complete_period
    )
order by segment_value, stage_number
