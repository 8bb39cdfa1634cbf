with

base_orders as (

    select * from {{ ref('base_orders') }}

),

accepted as (

    select
        order_id,
        customer_id,
        session_id,
        ordered_at,
        {{ local_day('ordered_at') }} as ordered_on,
        paid_at,
        cancelled_at,
        status,
        sales_channel,
        currency,
        reporting_rate,
        {{ to_reporting('shipping_amount') }} as shipping_amount,
        {{ to_reporting('shipping_discount_amount') }} as shipping_discount_amount,
        {{ to_reporting('tax_amount') }} as tax_amount,
        promotion_code,
        payment_method,
        country_code,
        postal_code as postal_code_hash,
        coalesce(is_test, false) as is_test,
        loaded_at
    from base_orders
    where row_status = 'accepted'

)

select * from accepted
