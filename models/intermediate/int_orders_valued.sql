with

orders as (

    select * from {{ ref('stg_orders') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

order_items as (

    select * from {{ ref('int_order_items_costed') }}

),

refunds as (

    select * from {{ ref('stg_refunds') }}

),

items_summed as (

    select
        order_id,
        sum(quantity) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(net_sales) as net_sales,
        count(distinct category) as known_categories,
        coalesce(bool_or(unit_cost is not null), false) as has_known_cost
    from order_items
    group by order_id

),

refunds_summed as (

    select
        order_id,
        sum(amount) as refunds
    from refunds
    group by order_id

),

valued as (

    select
        orders.order_id,
        orders.customer_id,
        orders.session_id,
        orders.ordered_at,
        orders.ordered_on,
        -- "status in (paid, processing, shipped, delivered), not a test order, not of a
        -- test customer"
        orders.status in ('paid', 'processing', 'shipped', 'delivered')
        and not orders.is_test
        and not coalesce(customers.is_test, false) as is_valid_order,
        coalesce(items_summed.units, 0) as units,
        cast(coalesce(items_summed.gross_sales, 0) as {{ type_money() }}) as gross_sales,
        cast(coalesce(items_summed.discounts, 0) as {{ type_money() }}) as discounts,
        cast(coalesce(items_summed.net_sales, 0) as {{ type_money() }}) as net_sales,
        cast(coalesce(refunds_summed.refunds, 0) as {{ type_money() }}) as refunds,
        coalesce(items_summed.known_categories, 0) as known_categories,
        coalesce(items_summed.has_known_cost, false) as has_known_cost
    from orders
    left join customers
        on orders.customer_id = customers.customer_id
    left join items_summed
        on orders.order_id = items_summed.order_id
    left join refunds_summed
        on orders.order_id = refunds_summed.order_id

)

select * from valued
