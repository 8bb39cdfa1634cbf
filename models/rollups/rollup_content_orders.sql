with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

orders_assisted as (

    select * from {{ ref('int_orders_assisted') }}

),

booked as (

    -- "valid orders with a session"
    select
        orders.ordered_on as booked_on,
        orders.channel,
        orders.device_type,
        orders.net_sales,
        orders_assisted.order_id is not null as is_assisted
    from orders
    left join orders_assisted
        on orders.order_id = orders_assisted.order_id
    where orders.visitor_id is not null

),

{{ rollup(
    'booked',
    segments=['channel', 'device_type'],
    measures={
        'orders_with_session': 'count(*)',
        'orders_assisted': 'count(*) filter (where is_assisted)',
        'net_sales_assisted': 'coalesce(sum(case when is_assisted then net_sales end), 0)',
    },
) }}

select * from rolled_up
