with

order_touches as (

    select * from {{ ref('fct_order_touches') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

tags as (

    select * from {{ ref('int_tags_campaigned') }}

),

described as (

    select
        order_touches.order_id,
        order_touches.session_id,
        tags.campaign_id,
        order_touches.data_driven
    from order_touches
    inner join sessions
        on order_touches.session_id = sessions.session_id
    inner join tags
        on
            sessions.source = tags.source
            and sessions.medium = tags.medium
            and sessions.utm_campaign is not distinct from tags.utm_campaign
            and sessions.channel = tags.channel

)

select * from described
