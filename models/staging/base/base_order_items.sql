with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('order_items') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

products as (

    select * from {{ ref('stg_products') }}

),

cast_rows as (

    select
        {{ typed_columns('order_items') }}
    from raw_rows

),

{{ repeated_keys('order_items') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('order_items') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason([
            no_parent('orders', 'order_id'),
            no_parent('products', 'product_id'),
        ]) }} as rejection_reason
    from typed
    left join orders
        on typed.order_id = orders.order_id
    left join products
        on typed.product_id = products.product_id

),

{{ newest_copies('order_items') }}

select * from newest_copies
