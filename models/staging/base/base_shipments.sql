with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('shipments') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

cast_rows as (

    select
        {{ typed_columns('shipments') }}
    from raw_rows

),

{{ repeated_keys('shipments') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check(
        'shipments',
        rated_on=local_day('coalesce(typed.shipped_at, typed.released_at)'),
    ) }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ rejection_reason([
            no_parent('orders', 'order_id'),
            no_rate(
                'coalesce(typed.shipped_at, typed.released_at, orders.ordered_at)', ['shipping_cost']
            ),
        ]) }} as rejection_reason
    from typed
    left join orders
        on typed.order_id = orders.order_id
    {{ join_fx_rates(
        'typed.currency',
        local_day('coalesce(typed.shipped_at, typed.released_at, orders.ordered_at)'),
    ) }}

),

{{ newest_copies('shipments', others=['reporting_rate']) }}

select * from newest_copies
