with

sessions as (

    select * from {{ ref('stg_sessions') }}

),

visitors as (

    select * from {{ ref('int_visitors_identified') }}

),

sources as (

    select * from {{ ref('int_sources_channelled') }}

),

session_events as (

    select * from {{ ref('int_session_events_summarised') }}

),

identified as (

    select
        sessions.session_id,
        sessions.visitor_id,
        coalesce(sessions.customer_id, visitors.customer_id) as customer_id,
        sessions.started_at,
        sessions.started_on,
        -- "The session's end, where null: its last event, else its start."
        coalesce(sessions.ended_at, session_events.last_event_at, sessions.started_at) as ended_at,
        sessions.device_type,
        sessions.country_code,
        sessions.landing_page,
        sources.source,
        sources.medium,
        sources.channel,
        sessions.utm_campaign,
        row_number() over (
            partition by sessions.visitor_id
            order by sessions.started_at, sessions.session_id
        ) as visit_number,
        min(sessions.started_on) over (partition by sessions.visitor_id) as first_visit_on
    from sessions
    left join visitors
        on sessions.visitor_id = visitors.visitor_id
    left join session_events
        on sessions.session_id = session_events.session_id
    inner join sources
        on
            sessions.utm_source is not distinct from sources.utm_source
            and sessions.utm_medium is not distinct from sources.utm_medium
            and sessions.utm_campaign is not distinct from sources.utm_campaign
            and sessions.referrer_host is not distinct from sources.referrer_host
    where not sessions.is_bot

)

select * from identified
