{#- What the chain of channels is fitted on: "a path per order (its touches), and a null path for
    each visitor's touches after the last order or without one, over the 30 days up to the last of
    those touches, one null path a visitor", on all data up to as_of. -#}
with

orders as (

    select * from {{ ref('int_orders_valued') }}
    where is_valid_order

),

order_touches as (

    select * from {{ ref('int_order_touches') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

orders_placed as (

    -- "An order with no session has no touch"
    select
        orders.order_id,
        orders.ordered_at,
        orders.net_sales,
        sessions.visitor_id
    from orders
    inner join sessions
        on orders.session_id = sessions.session_id
    cross join as_of
    where orders.ordered_on <= as_of.as_of

),

converting as (

    select
        concat('order|', orders_placed.order_id) as path_id,
        order_touches.touch_at,
        order_touches.session_id,
        order_touches.channel,
        1 as conversions,
        0 as nulls,
        orders_placed.net_sales as conversion_value
    from orders_placed
    inner join order_touches
        on orders_placed.order_id = order_touches.order_id

),

last_orders as (

    select
        visitor_id,
        max(ordered_at) as last_order_at
    from orders_placed
    group by visitor_id

),

later_sessions as (

    select
        sessions.visitor_id,
        sessions.session_id,
        sessions.started_at,
        sessions.channel,
        max(sessions.started_at) over (partition by sessions.visitor_id) as last_session_at
    from sessions
    left join last_orders
        on sessions.visitor_id = last_orders.visitor_id
    cross join as_of
    where
        sessions.started_on <= as_of.as_of
        and (
            last_orders.last_order_at is null
            or sessions.started_at > last_orders.last_order_at
        )

),

not_converting as (

    select
        concat('visitor|', visitor_id) as path_id,
        started_at as touch_at,
        session_id,
        channel,
        0 as conversions,
        1 as nulls,
        0 as conversion_value
    from later_sessions
    where last_session_at <= {{ plus_days('started_at', var('attribution_window_days')) }}

),

touches as (

    select * from converting
    union all
    select * from not_converting

),

numbered as (

    select
        path_id,
        row_number() over (
            partition by path_id
            order by touch_at, session_id
        ) as position,
        channel,
        conversions,
        nulls,
        conversion_value
    from touches

)

select * from numbered
