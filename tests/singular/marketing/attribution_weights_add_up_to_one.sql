{#- For every order and model the weights add up to 1, and an order has touches if and only if it
    has a session. -#}
with

touched as (

    select
        count(*) as touches,
        max(touches) as touches_stated,
        {% for model in attribution_models() -%}
        sum(touches_weighed.{{ model }}) as {{ model }},
        {% endfor -%}
        order_id
    from {{ ref('fct_order_touches') }} as touches_weighed
    group by order_id

),

orders as (

    select order_id
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and visitor_id is not null

)

select
    orders.order_id,
    touched.touches
from touched
full outer join orders
    on touched.order_id = orders.order_id
where
    touched.order_id is null
    {% for model in attribution_models() -%}
    or (abs(touched.{{ model }} - 1) <= 1e-9) is distinct from true
    {% endfor -%}
    or orders.order_id is null
    or touched.touches <> touched.touches_stated
