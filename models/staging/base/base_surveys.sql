with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('surveys') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

cast_rows as (

    select
        {{ typed_columns('surveys') }}
    from raw_rows

),

{{ repeated_keys('surveys') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('surveys') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason([no_parent('orders', 'order_id')]) }} as rejection_reason
    from typed
    left join orders
        on typed.order_id = orders.order_id

),

{{ newest_copies('surveys') }}

select * from newest_copies
