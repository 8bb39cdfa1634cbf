{{ config(materialized='table', enabled=true if var('sessions_from_events') else false) }}
{#- Sessions of a shop that has bare events: a visitor's events belong together until he is away for
    longer than `session_timeout_minutes`, or comes again by another campaign. A session is
    named after its first event. The windows carry few and narrow columns. -#}
with

base_session_events as (

    select * from {{ ref('base_session_events') }}

),

accepted as (

    select
        event_id,
        visitor_id,
        event_at,
        case
            when coalesce(utm_source, utm_medium, utm_campaign) is not null
                then concat_ws(
                    '|',
                    coalesce(utm_source, ''),
                    coalesce(utm_medium, ''),
                    coalesce(utm_campaign, '')
                )
        end as campaign
    from base_session_events
    where row_status = 'accepted'

),

followed as (

    select
        event_id,
        visitor_id,
        event_at,
        campaign,
        lag(event_at) over (
            partition by visitor_id
            order by event_at, event_id
        ) as previous_event_at,
        last_value(campaign ignore nulls) over (
            partition by visitor_id
            order by event_at, event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_campaign
    from accepted

),

started as (

    select
        event_id,
        visitor_id,
        event_at,
        case
            when previous_event_at is null then 1
            when
                {{ seconds_between('previous_event_at', 'event_at') }}
                > {{ var('session_timeout_minutes') }} * 60
                then 1
            {% if var('session_starts_with_campaign') -%}
            when campaign is not null and campaign is distinct from previous_campaign then 1
            {% endif -%}
            else 0
        end as is_start
    from followed

),

numbered as (

    select
        event_id,
        visitor_id,
        event_at,
        sum(is_start) over (
            partition by visitor_id
            order by event_at, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from started

),

sessionised as (

    select
        event_id,
        first_value(event_id) over (
            partition by visitor_id, session_number
            order by event_at, event_id
        ) as session_id
    from numbered

)

select * from sessionised
