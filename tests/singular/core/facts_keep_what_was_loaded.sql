{#- What a fact takes over from its raw table is there as it was loaded: no other row's, no other
    moment. -#}
{% set kept = {
    ('fct_orders', 'stg_orders', 'order_id'): [
        'customer_id', 'session_id', 'ordered_at', 'ordered_on', 'paid_at', 'cancelled_at',
        'status', 'country_code', 'sales_channel', 'promotion_code', 'payment_method',
        'shipping_amount', 'shipping_discount_amount', 'tax_amount', 'loaded_at',
    ],
    ('fct_order_items', 'stg_order_items', 'order_item_id'): [
        'order_id', 'product_id', 'quantity', 'gross_sales', 'discounts', 'loaded_at',
    ],
    ('fct_refunds', 'stg_refunds', 'refund_id'): [
        'order_id', 'order_item_id', 'refunded_at', 'refunded_on', 'amount', 'reason', 'loaded_at',
    ],
    ('fct_sessions', 'stg_sessions', 'session_id'): [
        'visitor_id', 'started_at', 'started_on', 'landing_page', 'device_type', 'country_code',
    ],
    ('fct_shipments', 'stg_shipments', 'shipment_id'): [
        'order_id', 'warehouse_id', 'carrier', 'delivery_mode', 'released_at', 'picked_at',
        'packed_at', 'shipped_at', 'shipped_on', 'promised_on', 'delivered_at', 'delivered_on',
        'status', 'shipping_cost', 'loaded_at',
    ],
    ('fct_surveys', 'stg_surveys', 'survey_id'): [
        'survey_type', 'order_id', 'sent_at', 'sent_on', 'responded_at', 'responded_on', 'score',
        'loaded_at',
    ],
    ('fct_tickets', 'stg_tickets', 'ticket_id'): [
        'order_id', 'customer_id', 'ticket_type', 'topic', 'contact_channel', 'opened_at',
        'opened_on', 'first_response_at', 'resolved_at', 'loaded_at',
    ],
    ('fct_leads', 'stg_leads', 'lead_id'): [
        'visitor_id', 'session_id', 'created_at', 'created_on', 'qualified_at', 'converted_at',
        'lost_at', 'value', 'loaded_at',
    ],
} %}
{% for (fact, staging, key), columns in kept.items() -%}
select
    '{{ fact }}' as fact,
    cast(fact.{{ key }} as {{ type_text() }}) as row_key
from {{ ref(fact) }} as fact
left join {{ ref(staging) }} as staging
    on fact.{{ key }} = staging.{{ key }}
where
    staging.{{ key }} is null
    {% for column in columns -%}
    or fact.{{ column }} is distinct from staging.{{ column }}
    {% endfor %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
