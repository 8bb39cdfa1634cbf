with

orders as (

    select * from {{ ref('fct_orders') }}

),

shipments as (

    select * from {{ ref('fct_shipments') }}

),

refunds as (

    select * from {{ ref('fct_refunds') }}

),

tickets as (

    select * from {{ ref('stg_tickets') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

shipments_numbered as (

    -- "Of an order with several shipments: [...] of the shipment that is last delivered
    -- (else last shipped, else first)."
    select
        *,
        row_number() over (
            partition by order_id
            order by
                delivered_at desc nulls last, shipped_at desc nulls last, shipment_id asc
        ) as shipment_number
    from shipments

),

shipments_summed as (

    select
        order_id,
        count(*) as shipments,
        max(case when shipment_number = 1 then carrier end) as carrier,
        max(case when shipment_number = 1 then delivery_mode end) as delivery_mode,
        max(case when shipment_number = 1 then zone end) as zone,
        max(case when shipment_number = 1 then warehouse_id end) as warehouse_id,
        min(delivered_at) as first_delivered_at,
        -- null until every parcel has left, or arrived
        case when count(shipped_at) = count(*) then max(shipped_at) end as last_shipped_at,
        case when count(delivered_at) = count(*) then max(delivered_at) end as last_delivered_at,
        count(promised_on) = count(*) as has_every_promise,
        count(*) filter (where is_on_time) = count(*) as is_on_time
    from shipments_numbered
    group by order_id

),

complaints as (

    -- "any complaint ticket of the order up to as_of"
    select tickets.order_id
    from tickets
    inner join as_of
        on tickets.opened_on <= as_of.as_of
    where
        tickets.ticket_type = 'complaint'
        and tickets.order_id is not null
    group by tickets.order_id

),

refunds_early as (

    -- "refunds until 30 days after delivery, earlier ones too"
    select refunds.order_id
    from refunds
    inner join shipments_summed
        on refunds.order_id = shipments_summed.order_id
    where
        refunds.refunded_at
        <= {{ plus_days('shipments_summed.last_delivered_at', var('perfect_order_refund_days')) }}
    group by refunds.order_id

),

dated as (

    select
        orders.order_id,
        orders.customer_id,
        orders.is_valid_order,
        orders.ordered_at,
        -- "Backlog and processing time start at paid_at, else ordered_at."
        coalesce(orders.paid_at, orders.ordered_at) as released_for_shipping_at,
        coalesce(shipments_summed.shipments, 0) as shipments,
        shipments_summed.carrier,
        shipments_summed.delivery_mode,
        -- an order without a parcel is still bound for a place
        case
            when shipments_summed.order_id is null then orders.zone
            else shipments_summed.zone
        end as zone,
        orders.country_code,
        shipments_summed.warehouse_id,
        orders.channel,
        orders.acquisition_cohort,
        shipments_summed.first_delivered_at,
        shipments_summed.last_shipped_at,
        shipments_summed.last_delivered_at,
        coalesce(shipments_summed.has_every_promise, false) as has_every_promise,
        coalesce(shipments_summed.is_on_time, false) as is_on_time,
        complaints.order_id is not null as has_complaint,
        refunds_early.order_id is not null as has_early_refund
    from orders
    left join shipments_summed
        on orders.order_id = shipments_summed.order_id
    left join complaints
        on orders.order_id = complaints.order_id
    left join refunds_early
        on orders.order_id = refunds_early.order_id

),

described as (

    select
        dated.order_id,
        dated.customer_id,
        dated.is_valid_order,
        dated.ordered_at,
        dated.released_for_shipping_at,
        {{ local_day('dated.released_for_shipping_at') }} as released_for_shipping_on,
        dated.shipments,
        dated.carrier,
        dated.delivery_mode,
        dated.zone,
        dated.country_code,
        dated.warehouse_id,
        dated.channel,
        dated.acquisition_cohort,
        {{ local_day('dated.first_delivered_at') }} as first_delivered_on,
        dated.last_shipped_at,
        {{ local_day('dated.last_shipped_at') }} as last_shipped_on,
        dated.last_delivered_at,
        {{ local_day('dated.last_delivered_at') }} as last_delivered_on,
        -- "Negative durations (handed over before payment) count as they are."
        {{ seconds_between('dated.released_for_shipping_at', 'dated.last_shipped_at') }}
        / 3600 as processing_hours,
        {{ seconds_between('dated.ordered_at', 'dated.last_delivered_at') }}
        / 86400 as delivery_days,
        dated.has_every_promise,
        dated.is_on_time,
        dated.has_complaint,
        dated.has_early_refund,
        -- "with a promise on every parcel, delivered at least 30 days before as_of";
        -- null where it is too early to tell
        case
            when
                dated.has_every_promise
                and {{ local_day('dated.last_delivered_at') }}
                <= cast({{ plus_days('as_of.as_of', -var('perfect_order_refund_days')) }} as date)
                then dated.is_on_time and not dated.has_complaint and not dated.has_early_refund
        end as is_perfect
    from dated
    cross join as_of

)

select * from described
