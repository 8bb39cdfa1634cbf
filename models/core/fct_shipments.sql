with

shipments as (

    select * from {{ ref('stg_shipments') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

zones as (

    select * from {{ ref('zones') }}

),

described as (

    select
        shipments.shipment_id,
        shipments.order_id,
        orders.is_valid_order,
        orders.ordered_at,
        shipments.warehouse_id,
        shipments.carrier,
        shipments.delivery_mode,
        shipments.country_code,
        shipments.region,
        coalesce(region_zones.zone, country_zones.zone) as zone,
        orders.channel,
        orders.acquisition_cohort,
        shipments.released_at,
        shipments.picked_at,
        shipments.packed_at,
        shipments.shipped_at,
        shipments.shipped_on,
        shipments.promised_on,
        shipments.delivered_at,
        shipments.delivered_on,
        -- null without a delivery or without a promise; days are compared in the
        -- reporting time zone
        shipments.delivered_on <= shipments.promised_on as is_on_time,
        shipments.status,
        shipments.shipping_cost,
        shipments.loaded_at
    from shipments
    inner join orders
        on shipments.order_id = orders.order_id
    left join zones as region_zones
        on
            shipments.country_code = region_zones.country_code
            and shipments.region = region_zones.region
    left join zones as country_zones
        on
            shipments.country_code = country_zones.country_code
            and country_zones.region is null

)

select * from described
