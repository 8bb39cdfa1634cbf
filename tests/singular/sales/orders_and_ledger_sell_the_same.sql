-- two facts, one truth: net sales by order and net sales by line agree in every segment they share
with

by_order as (

    select *
    from {{ ref('rollup_orders') }}
    where net_sales <> 0

),

by_line as (

    select *
    from {{ ref('rollup_sales') }}
    where
        net_sales <> 0
        and segment_type not in ('category', 'brand')

)

select
    by_order.period_grain,
    by_order.period_start,
    by_order.segment_type,
    by_order.segment_value,
    by_order.net_sales as net_sales_by_order,
    by_line.net_sales as net_sales_by_line
from by_order
full outer join by_line
    on
        by_order.period_grain = by_line.period_grain
        and by_order.period_start = by_line.period_start
        and by_order.segment_type = by_line.segment_type
        and by_order.segment_value = by_line.segment_value
where by_order.net_sales is distinct from by_line.net_sales
