with

orders as (

    select * from {{ ref('int_orders_valued') }}
    where is_valid_order

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

orders_placed as (

    select
        orders.order_id,
        orders.session_id,
        orders.customer_id,
        orders.ordered_at,
        sessions.visitor_id
    from orders
    left join sessions
        on orders.session_id = sessions.session_id

),

candidates as (

    -- "started_at within [ordered_at - 30 x 24 h, ordered_at], the order's own session always"
    select
        orders_placed.order_id,
        sessions.session_id
    from orders_placed
    inner join sessions
        on
            orders_placed.visitor_id = sessions.visitor_id
            and orders_placed.ordered_at >= sessions.started_at
            and orders_placed.ordered_at
            <= {{ plus_days('sessions.started_at', var('attribution_window_days')) }}

    union

    select
        orders_placed.order_id,
        sessions.session_id
    from orders_placed
    inner join sessions
        on
            orders_placed.customer_id = sessions.customer_id
            and orders_placed.ordered_at >= sessions.started_at
            and orders_placed.ordered_at
            <= {{ plus_days('sessions.started_at', var('attribution_window_days')) }}

    union

    select
        order_id,
        session_id
    from orders_placed
    where visitor_id is not null

),

touches as (

    select
        candidates.order_id,
        candidates.session_id,
        sessions.started_at as touch_at,
        sessions.channel,
        sessions.utm_campaign
    from candidates
    inner join sessions
        on candidates.session_id = sessions.session_id

)

select * from touches
