with

base_session_events as (

    select * from {{ ref('base_session_events') }}

),

accepted as (

    select
        event_id,
        session_id,
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
    where row_status = 'accepted'

)

select * from accepted
