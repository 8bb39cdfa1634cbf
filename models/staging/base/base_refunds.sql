with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('refunds') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

order_items as (

    select * from {{ ref('stg_order_items') }}

),

cast_rows as (

    select
        {{ typed_columns('refunds') }}
    from raw_rows

),

{{ repeated_keys('refunds') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('refunds', rated_on=local_day('typed.refunded_at')) }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ rejection_reason([
            no_parent('orders', 'order_id'),
            no_parent('order_items', 'order_item_id'),
            no_rate('typed.refunded_at'),
        ]) }} as rejection_reason
    from typed
    left join orders
        on typed.order_id = orders.order_id
    left join order_items
        on typed.order_item_id = order_items.order_item_id
    {{ join_fx_rates('typed.currency', local_day('typed.refunded_at')) }}

),

{{ newest_copies('refunds', others=['reporting_rate']) }}

select * from newest_copies
