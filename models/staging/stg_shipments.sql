with

base_shipments as (

    select * from {{ ref('base_shipments') }}

),

accepted as (

    select
        shipment_id,
        order_id,
        warehouse_id,
        carrier,
        delivery_mode,
        country_code,
        region,
        released_at,
        picked_at,
        packed_at,
        shipped_at,
        {{ local_day('shipped_at') }} as shipped_on,
        promised_on,
        delivered_at,
        {{ local_day('delivered_at') }} as delivered_on,
        status,
        {{ to_reporting('shipping_cost') }} as shipping_cost,
        loaded_at
    from base_shipments
    where row_status = 'accepted'

)

select * from accepted
