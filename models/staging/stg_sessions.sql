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
