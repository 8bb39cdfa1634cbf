{#- No touch after the order, none before the attribution window; the order's own session may be
    either. -#}
select
    order_touches.order_id,
    order_touches.session_id,
    order_touches.touch_at
from {{ ref('fct_order_touches') }} as order_touches
inner join {{ ref('fct_orders') }} as orders
    on order_touches.order_id = orders.order_id
where
    order_touches.session_id is distinct from orders.session_id
    and (
        order_touches.touch_at > orders.ordered_at
        or {{ plus_days('order_touches.touch_at', var('attribution_window_days')) }}
        < orders.ordered_at
    )
