with

order_items as (

    select * from {{ ref('stg_order_items') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

products as (

    select * from {{ ref('stg_products') }}

),

costed as (

    -- "product costs and list prices [have the currency of] their product's, at the order's day"
    select
        order_items.order_item_id,
        order_items.order_id,
        order_items.product_id,
        products.category,
        products.brand,
        order_items.quantity,
        order_items.gross_sales,
        order_items.discounts,
        order_items.gross_sales - order_items.discounts as net_sales,
        coalesce(
            order_items.unit_cost,
            {{ to_reporting('products.unit_cost', reporting_rate('products.currency')) }}
        ) as unit_cost,
        order_items.loaded_at
    from order_items
    inner join orders
        on order_items.order_id = orders.order_id
    inner join products
        on order_items.product_id = products.product_id
    {{ join_fx_rates('products.currency', 'orders.ordered_on') }}

)

select * from costed
