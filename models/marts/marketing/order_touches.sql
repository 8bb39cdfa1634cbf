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
        touches,
        {% for model in attribution_models() -%}
        {{ model }}{{ ',' if not loop.last }}
        {% endfor %}
    from order_touches

)

select * from listed
