-- What the channels, and the devices, sold adds up to what was sold, on both sides of each change.
with

segments as (

    select
        period_grain,
        period_start,
        comparison,
        segment_type,
        sum(net_sales) as net_sales,
        sum(previous_net_sales) as previous_net_sales
    from {{ ref('revenue_changes') }}
    group by period_grain, period_start, comparison, segment_type

)

select segments.*
from segments
inner join segments as whole
    on
        segments.period_grain = whole.period_grain
        and segments.period_start = whole.period_start
        and segments.comparison = whole.comparison
        and whole.segment_type = 'all'
where
    abs(segments.net_sales - whole.net_sales) > 1e-9 * (1 + whole.net_sales)
    or abs(segments.previous_net_sales - whole.previous_net_sales)
    > 1e-9 * (1 + whole.previous_net_sales)
