with

session_events as (

    select * from {{ ref('stg_session_events') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

started as (

    -- "session x form with form_start and form_submit", over "session x form with form_start"
    select
        session_id,
        form_id,
        coalesce(bool_or(event_name = 'form_submit'), false) as is_submitted
    from session_events
    where event_name in ('form_start', 'form_submit')
    group by session_id, form_id
    having coalesce(bool_or(event_name = 'form_start'), false)

),

described as (

    select
        started.session_id,
        started.form_id,
        sessions.visitor_id,
        sessions.customer_id,
        sessions.started_on,
        sessions.channel,
        sessions.device_type,
        started.is_submitted
    from started
    inner join sessions
        on started.session_id = sessions.session_id

)

select * from described
