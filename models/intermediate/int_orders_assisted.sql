with

orders as (

    select * from {{ ref('int_orders_valued') }}
    where is_valid_order

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

session_events as (

    select * from {{ ref('stg_session_events') }}
    where event_name = 'page_view'

),

pages as (

    select * from {{ ref('stg_pages') }}
    where page_type = 'content'

),

views as (

    select
        sessions.visitor_id,
        sessions.customer_id,
        session_events.event_at
    from session_events
    inner join pages
        on session_events.page_path = pages.page_path
    inner join sessions
        on session_events.session_id = sessions.session_id

),

orders_placed as (

    select
        orders.order_id,
        orders.customer_id,
        sessions.visitor_id,
        orders.ordered_at
    from orders
    inner join sessions
        on orders.session_id = sessions.session_id

),

assisted as (

    -- "a content page viewed before the order, within 30 days, by the order's visitor or
    -- another visitor of its customer"
    {% for person in ['visitor', 'customer'] -%}
    select orders_placed.order_id
    from orders_placed
    inner join views
        on
            orders_placed.{{ person }}_id = views.{{ person }}_id
            and orders_placed.ordered_at >= views.event_at
            and orders_placed.ordered_at
            <= {{ plus_days('views.event_at', var('content_assist_days')) }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}

)

select * from assisted
