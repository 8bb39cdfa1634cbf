with

order_touches as (

    select * from {{ ref('fct_order_touches') }}

),

listed as (

    select
        order_id,
        session_id,
        touch_at,
        channel,
        utm_campaign,
        position,
        {% for model in attribution_models() -%}
        order_touches.{{ model }},
        {% endfor -%}
        touches
    from order_touches

)

select * from listed
