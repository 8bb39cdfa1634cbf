with

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

session_events as (

    select * from {{ ref('int_session_events_summarised') }}

),

sessions_funnelled as (

    select * from {{ ref('int_sessions_funnelled') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

customers as (

    select * from {{ ref('dim_customers') }}

),

leads as (

    select * from {{ ref('stg_leads') }}

),

orders_placed as (

    select
        session_id,
        count(*) as orders,
        sum(net_sales) as net_sales
    from orders
    where session_id is not null
    group by session_id

),

leads_won as (

    select
        session_id,
        count(*) as leads
    from leads
    where session_id is not null
    group by session_id

),

described as (

    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.customer_id,
        sessions.started_at,
        sessions.started_on,
        sessions.ended_at,
        sessions.channel,
        sessions.source,
        sessions.medium,
        sessions.utm_campaign,
        sessions.landing_page,
        sessions.device_type,
        sessions.country_code,
        case when sessions.visit_number = 1 then 'new' else 'returning' end as visitor_type,
        {{ cohort_of('sessions.first_visit_on') }} as visitor_cohort,
        -- "`existing` if its customer had a valid order before it started, else `prospect`"
        case
            when customers.first_order_at < sessions.started_at then 'existing'
            else 'prospect'
        end as customer_type,
        coalesce(session_events.page_views, 0) as page_views,
        cast(
            coalesce(session_events.engagement_seconds, 0) as decimal(18, 4)
        ) as engagement_seconds,
        coalesce(session_events.has_view_item, false) as has_view_item,
        coalesce(session_events.has_add_to_cart, false) as has_add_to_cart,
        coalesce(session_events.has_begin_checkout, false) as has_begin_checkout,
        coalesce(session_events.has_file_download, false) as has_file_download,
        coalesce(sessions_funnelled.steps_reached, 1) as steps_reached,
        coalesce(leads_won.leads, 0) as leads,
        -- "10 s or more of engagement, or 2 or more page views, or an order or a lead"
        coalesce(session_events.engagement_seconds, 0) >= 10
        or coalesce(session_events.page_views, 0) >= 2
        or coalesce(orders_placed.orders, 0) > 0
        or coalesce(leads_won.leads, 0) > 0 as is_engaged,
        coalesce(orders_placed.orders, 0) as orders,
        cast(coalesce(orders_placed.net_sales, 0) as {{ type_money() }}) as net_sales
    from sessions
    left join session_events
        on sessions.session_id = session_events.session_id
    left join orders_placed
        on sessions.session_id = orders_placed.session_id
    left join sessions_funnelled
        on sessions.session_id = sessions_funnelled.session_id
    left join leads_won
        on sessions.session_id = leads_won.session_id
    left join customers
        on sessions.customer_id = customers.customer_id

)

select * from described
