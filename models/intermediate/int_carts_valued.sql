with

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

session_events as (

    select * from {{ ref('stg_session_events') }}

),

orders as (

    select * from {{ ref('int_orders_valued') }}
    where is_valid_order

),

filled as (

    -- "value of add_to_cart less remove_from_cart events (never below 0 for a session)";
    -- "`value` is the event's whole value"
    select
        session_id,
        greatest(
            coalesce(
                sum(
                    case event_name
                        when 'add_to_cart' then value
                        when 'remove_from_cart' then -value
                    end
                ),
                0
            ),
            0
        ) as cart_value
    from session_events
    where event_name in ('add_to_cart', 'remove_from_cart')
    group by session_id
    having coalesce(bool_or(event_name = 'add_to_cart'), false)

),

bought as (

    select session_id
    from orders
    where session_id is not null
    group by session_id

),

valued as (

    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.customer_id,
        sessions.ended_at,
        cast(filled.cart_value as {{ type_money() }}) as cart_value,
        bought.session_id is null as is_abandoned
    from filled
    inner join sessions
        on filled.session_id = sessions.session_id
    left join bought
        on filled.session_id = bought.session_id

)

select * from valued
