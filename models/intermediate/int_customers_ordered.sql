with

orders as (

    select * from {{ ref('int_orders_valued') }}

),

numbered as (

    -- "First orders with equal times: lowest order_id as text."
    select
        customer_id,
        order_id,
        ordered_at,
        ordered_on,
        net_sales,
        refunds,
        row_number() over (
            partition by customer_id
            order by ordered_at, order_id
        ) as order_number
    from orders
    where
        is_valid_order
        and customer_id is not null

),

ordered as (

    select
        customer_id,
        min(case when order_number = 1 then order_id end) as first_order_id,
        min(ordered_at) as first_order_at,
        min(ordered_on) as first_order_on,
        max(ordered_at) as last_order_at,
        max(ordered_on) as last_order_on,
        count(*) as orders,
        sum(net_sales) as net_sales,
        sum(net_sales) - sum(refunds) as net_revenue
    from numbered
    group by customer_id

)

select * from ordered
