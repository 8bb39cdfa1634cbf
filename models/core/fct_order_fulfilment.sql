with

orders as (

    select * from {{ ref('fct_orders') }}

),

orders_shipped as (

    select * from {{ ref('int_orders_shipped') }}

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
    inner join orders_shipped
        on refunds.order_id = orders_shipped.order_id
    where
        refunds.refunded_at
        <= {{ plus_days('orders_shipped.last_delivered_at', var('perfect_order_refund_days')) }}
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
        coalesce(orders_shipped.shipments, 0) as shipments,
        orders_shipped.carrier,
        orders_shipped.delivery_mode,
        orders.zone,
        orders.country_code,
        orders_shipped.warehouse_id,
        orders.channel,
        orders.acquisition_cohort,
        orders_shipped.first_delivered_at,
        orders_shipped.last_shipped_at,
        orders_shipped.last_delivered_at,
        coalesce(orders_shipped.has_every_promise, false) as has_every_promise,
        coalesce(orders_shipped.is_on_time, false) as is_on_time,
        complaints.order_id is not null as has_complaint,
        refunds_early.order_id is not null as has_early_refund
    from orders
    left join orders_shipped
        on orders.order_id = orders_shipped.order_id
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
                <= cast(
                    {{ plus_days('as_of.as_of', '-' ~ var('perfect_order_refund_days')) }} as date
                )
                then dated.is_on_time and not dated.has_complaint and not dated.has_early_refund
        end as is_perfect
    from dated
    cross join as_of

)

select * from described
