with

order_items as (

    select * from {{ ref('int_order_items_costed') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

described as (

    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.product_id,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.is_valid_order,
        order_items.category,
        order_items.brand,
        order_items.quantity,
        order_items.gross_sales,
        order_items.discounts,
        cast(order_items.net_sales as {{ type_money() }}) as net_sales,
        order_items.unit_cost,
        -- "Unknown unit cost (item and product): the line has no cost."
        cast(order_items.quantity * order_items.unit_cost as {{ type_money() }}) as cost,
        order_items.loaded_at
    from order_items
    inner join orders
        on order_items.order_id = orders.order_id

)

select * from described
