with

base_orders as (

    select * from {{ ref('base_orders') }}

),

{% if var('sessions_from_events') -%}
-- bare events name the order that was placed, not the order its session
purchases as (

    select
        session_events.order_id,
        events_sessionised.session_id,
        row_number() over (
            partition by session_events.order_id
            order by session_events.event_at, session_events.event_id
        ) as purchase_number
    from {{ ref('base_session_events') }} as session_events
    inner join {{ ref('base_events_sessionised') }} as events_sessionised
        on session_events.event_id = events_sessionised.event_id
    where
        session_events.row_status = 'accepted'
        and session_events.event_name = 'purchase'
        and session_events.order_id is not null

),

{% endif -%}
accepted as (

    select
        base_orders.order_id,
        customer_id,
        {% if var('sessions_from_events') -%}
        coalesce(purchases.session_id, base_orders.session_id) as session_id,
        {% else -%}
        session_id,
        {% endif -%}
        ordered_at,
        {{ local_day('ordered_at') }} as ordered_on,
        paid_at,
        cancelled_at,
        status,
        sales_channel,
        currency,
        reporting_rate,
        {{ to_reporting('shipping_amount') }} as shipping_amount,
        {{ to_reporting('shipping_discount_amount') }} as shipping_discount_amount,
        {{ to_reporting('tax_amount') }} as tax_amount,
        promotion_code,
        payment_method,
        country_code,
        postal_code as postal_code_hash,
        coalesce(is_test, false) as is_test,
        loaded_at
    from base_orders
    {% if var('sessions_from_events') -%}
    left join purchases
        on
            base_orders.order_id = purchases.order_id
            and purchases.purchase_number = 1
    {% endif -%}
    where row_status = 'accepted'

)

select * from accepted
