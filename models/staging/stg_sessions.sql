{{ config(materialized='table' if var('sessions_from_events') else 'view') }}
{%- if not var('sessions_from_events') -%}
with

base_sessions as (

    select * from {{ ref('base_sessions') }}

),

accepted as (

    select
        session_id,
        visitor_id,
        customer_id,
        started_at,
        {{ local_day('started_at') }} as started_on,
        ended_at,
        device_type,
        country_code,
        landing_page,
        referrer_host,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        utm_term,
        coalesce(is_bot, false) as is_bot,
        loaded_at
    from base_sessions
    where row_status = 'accepted'

)

select * from accepted
{%- else -%}
{#- What is known of a session from its events: the newest customer, the first device, country and
    page, and the source of the first event that has one. -#}
{% set sources = [
    'referrer_host', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term',
] %}
{% set firsts = {'device_type': 'device_type', 'country_code': 'country_code',
                 'landing_page': 'page_path'} %}
with

events_sessionised as (

    select * from {{ ref('base_events_sessionised') }}

),

base_session_events as (

    select * from {{ ref('base_session_events') }}

),

numbered as (

    select
        events_sessionised.session_id,
        base_session_events.*,
        coalesce(
            base_session_events.{{ sources | join(', base_session_events.') }}
        ) is not null as has_source,
        row_number() over (
            partition by
                events_sessionised.session_id,
                coalesce(
                    base_session_events.{{ sources | join(', base_session_events.') }}
                ) is not null
            order by base_session_events.event_at, base_session_events.event_id
        ) as number_of_source,
        row_number() over (
            partition by
                events_sessionised.session_id, base_session_events.customer_id is not null
            order by base_session_events.event_at desc, base_session_events.event_id desc
        ) as number_of_customer,
        {% for name, column in firsts.items() -%}
        row_number() over (
            partition by
                events_sessionised.session_id, base_session_events.{{ column }} is not null
            order by base_session_events.event_at, base_session_events.event_id
        ) as number_of_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from base_session_events
    inner join events_sessionised
        on base_session_events.event_id = events_sessionised.event_id
    where base_session_events.row_status = 'accepted'

),

summarised as (

    select
        session_id,
        min(visitor_id) as visitor_id,
        max(case when number_of_customer = 1 then customer_id end) as customer_id,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        {% for name, column in firsts.items() -%}
        max(case when number_of_{{ name }} = 1 then {{ column }} end) as {{ name }},
        {% endfor -%}
        {% for source in sources -%}
        max(case when has_source and number_of_source = 1 then {{ source }} end) as {{ source }},
        {% endfor -%}
        coalesce(bool_or(is_bot), false) as is_bot,
        max(loaded_at) as loaded_at
    from numbered
    group by session_id

),

dated as (

    select
        session_id,
        visitor_id,
        customer_id,
        started_at,
        {{ local_day('started_at') }} as started_on,
        ended_at,
        device_type,
        country_code,
        landing_page,
        {{ sources | join(',\n        ') }},
        is_bot,
        loaded_at
    from summarised

)

select * from dated
{%- endif %}
