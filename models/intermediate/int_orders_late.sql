{#- Fully delivered orders: how many days late, and whether the customer came back. -#}
with

order_fulfilment as (

    select * from {{ ref('fct_order_fulfilment') }}
    where is_valid_order

),

shipments as (

    select * from {{ ref('fct_shipments') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

lateness as (

    select
        order_id,
        greatest(max({{ days_until('promised_on', 'delivered_on') }}), 0) as days_late
    from shipments
    where
        promised_on is not null
        and delivered_on is not null
    group by order_id

),

repeats as (

    select order_fulfilment.order_id
    from order_fulfilment
    inner join order_fulfilment as later_orders
        on
            order_fulfilment.customer_id = later_orders.customer_id
            and order_fulfilment.last_delivered_at < later_orders.ordered_at
            and {{ plus_days('order_fulfilment.last_delivered_at', 90) }} >= later_orders.ordered_at
    group by order_fulfilment.order_id

),

described as (

    select
        order_fulfilment.order_id,
        order_fulfilment.carrier,
        order_fulfilment.delivery_mode,
        order_fulfilment.zone,
        order_fulfilment.warehouse_id,
        order_fulfilment.has_complaint,
        cast(lateness.days_late as integer) as days_late,
        -- null where there is no customer, or not yet 90 days to judge by
        case
            when
                order_fulfilment.customer_id is not null
                and order_fulfilment.last_delivered_on
                <= cast({{ plus_days('as_of.as_of', -90) }} as date)
                then repeats.order_id is not null
        end as has_repeat_90d
    from order_fulfilment
    cross join as_of
    left join lateness
        on order_fulfilment.order_id = lateness.order_id
    left join repeats
        on order_fulfilment.order_id = repeats.order_id
    where order_fulfilment.last_delivered_at is not null

)

select * from described
