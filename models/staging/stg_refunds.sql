with

base_refunds as (

    select * from {{ ref('base_refunds') }}

),

accepted as (

    select
        refund_id,
        order_id,
        order_item_id,
        refunded_at,
        {{ local_day('refunded_at') }} as refunded_on,
        {{ to_reporting('amount') }} as amount,
        quantity,
        reason,
        loaded_at
    from base_refunds
    where row_status = 'accepted'

)

select * from accepted
