with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('tickets') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

cast_rows as (

    select
        {{ typed_columns('tickets') }}
    from raw_rows

),

{{ repeated_keys('tickets') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('tickets') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason([no_parent('orders', 'order_id')]) }} as rejection_reason
    from typed
    left join orders
        on typed.order_id = orders.order_id

),

{{ newest_copies('tickets') }}

select * from newest_copies
