with

session_events as (

    select * from {{ ref('stg_session_events') }}

),

summarised as (

    select
        session_id,
        max(event_at) as last_event_at,
        count(*) filter (where event_name = 'page_view') as page_views,
        sum(engagement_seconds) as engagement_seconds,
        coalesce(bool_or(event_name = 'view_item'), false) as has_view_item,
        coalesce(bool_or(event_name = 'add_to_cart'), false) as has_add_to_cart,
        coalesce(bool_or(event_name = 'begin_checkout'), false) as has_begin_checkout,
        coalesce(bool_or(event_name = 'file_download'), false) as has_file_download
    from session_events
    group by session_id

)

select * from summarised
