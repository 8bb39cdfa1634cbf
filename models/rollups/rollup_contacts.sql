{{ config(materialized='table') }}
{#- Tickets and valid orders side by side, each on its own day: how often an order makes
    somebody write. Tickets have no dimension in common with orders, so there is only `all`. -#}
with

orders as (

    select * from {{ ref('rollup_orders') }}
    where segment_type = 'all'

),

tickets as (

    select * from {{ ref('rollup_tickets') }}
    where segment_type = 'all'

),

joined as (

    select
        coalesce(tickets.period_grain, orders.period_grain) as period_grain,
        coalesce(tickets.period_start, orders.period_start) as period_start,
        coalesce(tickets.period_end, orders.period_end) as period_end,
        coalesce(tickets.is_complete_period, orders.is_complete_period) as is_complete_period,
        'all' as segment_type,
        'all' as segment_value,
        coalesce(tickets.tickets, 0) as tickets,
        coalesce(orders.orders, 0) as orders
    from tickets
    full outer join orders
        on
            tickets.period_grain = orders.period_grain
            and tickets.period_start = orders.period_start

)

select * from joined
