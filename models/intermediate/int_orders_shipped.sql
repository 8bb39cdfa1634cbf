with

shipments as (

    select * from {{ ref('stg_shipments') }}

),

zones as (

    select * from {{ ref('zones') }}

),

numbered as (

    -- "Of an order with several shipments: carrier, mode, zone and warehouse of the shipment that
    -- is last delivered (else last shipped, else first)."
    select
        shipments.order_id,
        shipments.carrier,
        shipments.delivery_mode,
        shipments.country_code,
        coalesce(region_zones.zone, country_zones.zone) as zone,
        shipments.warehouse_id,
        shipments.shipped_at,
        shipments.promised_on,
        shipments.delivered_at,
        shipments.delivered_on,
        row_number() over (
            partition by shipments.order_id
            order by
                shipments.delivered_at desc nulls last,
                shipments.shipped_at desc nulls last,
                shipments.shipment_id asc
        ) as shipment_number
    from shipments
    left join zones as region_zones
        on
            shipments.country_code = region_zones.country_code
            and shipments.region = region_zones.region
    left join zones as country_zones
        on
            shipments.country_code = country_zones.country_code
            and country_zones.region is null

),

summed as (

    select
        order_id,
        count(*) as shipments,
        max(case when shipment_number = 1 then carrier end) as carrier,
        max(case when shipment_number = 1 then delivery_mode end) as delivery_mode,
        max(case when shipment_number = 1 then country_code end) as country_code,
        max(case when shipment_number = 1 then zone end) as zone,
        max(case when shipment_number = 1 then warehouse_id end) as warehouse_id,
        min(delivered_at) as first_delivered_at,
        -- null until every parcel has left, or arrived
        case when count(shipped_at) = count(*) then max(shipped_at) end as last_shipped_at,
        case when count(delivered_at) = count(*) then max(delivered_at) end as last_delivered_at,
        count(promised_on) = count(*) as has_every_promise,
        count(case when delivered_on <= promised_on then 1 end) = count(*) as is_on_time
    from numbered
    group by order_id

)

select * from summed
