with

base_order_items as (

    select * from {{ ref('base_order_items') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

accepted as (

    select
        base_order_items.order_item_id,
        base_order_items.order_id,
        base_order_items.product_id,
        base_order_items.quantity,
        {{ to_reporting(
            'base_order_items.quantity * cast(base_order_items.unit_price as decimal(28, 4))',
            'orders.reporting_rate',
        ) }} as gross_sales,
        {{ to_reporting(
            'coalesce(base_order_items.discount_amount, 0)',
            'orders.reporting_rate',
        ) }} as discounts,
        {{ to_reporting('base_order_items.unit_cost', 'orders.reporting_rate') }} as unit_cost,
        base_order_items.loaded_at
    from base_order_items
    inner join orders
        on base_order_items.order_id = orders.order_id
    where base_order_items.row_status = 'accepted'

)

select * from accepted
