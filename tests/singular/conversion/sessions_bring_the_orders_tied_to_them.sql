-- orders counted from the sessions' side and from the orders' side
with

by_session as (

    select
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(net_sales), 0) as net_sales
    from {{ ref('fct_sessions') }}

),

by_order as (

    -- an order in a session that is a bot's, or that is not known, is of no session
    select
        count(*) as orders,
        coalesce(sum(net_sales), 0) as net_sales
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and visitor_id is not null

)

select
    by_session.orders as orders_by_session,
    by_order.orders as orders_by_order,
    by_session.net_sales as net_sales_by_session,
    by_order.net_sales as net_sales_by_order
from by_session
cross join by_order
where
    by_session.orders is distinct from by_order.orders
    or by_session.net_sales is distinct from by_order.net_sales
