with

base_session_events as (

    select * from {{ ref('base_session_events') }}

),

{% if var('sessions_from_events') -%}
events_sessionised as (

    select * from {{ ref('base_events_sessionised') }}

),

{% endif -%}
accepted as (

    select
        base_session_events.event_id,
        {% if var('sessions_from_events') -%}
        events_sessionised.session_id,
        {% else -%}
        base_session_events.session_id,
        {% endif -%}
        event_at,
        {{ local_day('event_at') }} as event_on,
        event_name,
        page_path,
        product_id,
        quantity,
        {{ to_reporting('value') }} as value,
        order_id,
        form_id,
        file_name,
        engagement_seconds,
        {{ to_reporting('shipping_quote_amount') }} as shipping_quote_amount,
        delivery_options_count,
        error_code,
        loaded_at
    from base_session_events
    {% if var('sessions_from_events') -%}
    inner join events_sessionised
        on base_session_events.event_id = events_sessionised.event_id
    {% endif -%}
    where row_status = 'accepted'

)

select * from accepted
