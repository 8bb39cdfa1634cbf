{#- What came after each abandoned cart, within the window: the orders that bring it back and
    the reminders of it. "by the visitor, or by the customer where known": two equality joins
    are fast where one with `or` is not. -#}
with

carts as (

    select * from {{ ref('int_carts_valued') }}
    where is_abandoned

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

orders as (

    select * from {{ ref('int_orders_valued') }}
    where is_valid_order

),

reminders as (

    select * from {{ ref('stg_messages') }}
    where message_type = 'cart_reminder'

),

orders_placed as (

    select
        orders.order_id,
        orders.customer_id,
        sessions.visitor_id,
        orders.ordered_at,
        orders.net_sales
    from orders
    left join sessions
        on orders.session_id = sessions.session_id

),

{% for what, relation, id, moment in [
    ('ordered', 'orders_placed', 'order_id', 'ordered_at'),
    ('reminded', 'reminders', 'message_id', 'sent_at'),
] -%}
{{ what }}_after as (

    -- "places a valid order within 7 days after the session ended"; "sent after the abandonment"
    {% for person in ['visitor', 'customer'] -%}
    select
        carts.session_id,
        {{ relation }}.{{ moment }},
        {% if what == 'ordered' -%}
        {{ relation }}.{{ id }},
        {{ relation }}.net_sales,
        {% endif -%}
        '{{ person }}' as matched_by
    from carts
    inner join {{ relation }}
        on
            carts.{{ person }}_id = {{ relation }}.{{ person }}_id
            and {{ relation }}.{{ moment }} > carts.ended_at
            and {{ relation }}.{{ moment }}
            <= {{ plus_days('carts.ended_at', var('cart_recovery_days')) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

{% endfor -%}
orders_numbered as (

    select
        session_id,
        order_id,
        ordered_at,
        net_sales,
        matched_by,
        row_number() over (
            partition by session_id
            order by ordered_at asc, order_id asc, matched_by desc
        ) as order_number
    from ordered_after

),

orders_summed as (

    select
        session_id,
        min(case when order_number = 1 then order_id end) as recovery_order_id,
        min(case when order_number = 1 then matched_by end) as recovered_by,
        min(case when order_number = 1 then net_sales end) as recovered_net_sales,
        min(ordered_at) as recovered_at,
        max(ordered_at) as last_order_at
    from orders_numbered
    group by session_id

),

reminders_summed as (

    select
        session_id,
        min(sent_at) as reminded_at
    from reminded_after
    group by session_id

),

recovered as (

    select
        carts.session_id,
        orders_summed.recovery_order_id,
        orders_summed.recovered_at,
        orders_summed.recovered_by,
        orders_summed.recovered_net_sales,
        reminders_summed.reminded_at,
        -- "where a cart_reminder was sent between abandonment and order"
        coalesce(
            orders_summed.last_order_at > reminders_summed.reminded_at, false
        ) as is_recovered_after_reminder
    from carts
    left join orders_summed
        on carts.session_id = orders_summed.session_id
    left join reminders_summed
        on carts.session_id = reminders_summed.session_id

)

select * from recovered
