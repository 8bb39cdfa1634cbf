-- The stages of a delivered parcel add up to its time from order to door.
with

stages as (

    select * from {{ ref('int_fulfilment_stages') }}

),

shipments as (

    select * from {{ ref('fct_shipments') }}
    where
        is_valid_order
        and delivered_at is not null

),

summed as (

    select
        shipment_id,
        sum(stage_hours) as hours
    from stages
    where shipment_id is not null
    group by shipment_id

),

compared as (

    select
        shipments.shipment_id,
        summed.hours,
        {{ seconds_between('shipments.ordered_at', 'shipments.delivered_at') }} / 3600
            as hours_to_the_door
    from shipments
    left join summed
        on shipments.shipment_id = summed.shipment_id

)

select * from compared
where
    hours is null
    or abs(hours - hours_to_the_door) > 1e-6
