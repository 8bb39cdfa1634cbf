{#- Events by which the data can be dated where there is neither a session nor an order. -#}
{% set other_events = [
    ('stg_customers', 'created_at'),
    ('stg_surveys', 'sent_at'),
    ('stg_surveys', 'responded_at'),
    ('stg_tickets', 'opened_at'),
    ('stg_tickets', 'first_response_at'),
    ('stg_tickets', 'resolved_at'),
    ('stg_experiment_assignments', 'assigned_at'),
    ('stg_messages', 'sent_at'),
    ('stg_messages', 'opened_at'),
    ('stg_messages', 'clicked_at'),
    ('stg_leads', 'created_at'),
    ('stg_leads', 'qualified_at'),
    ('stg_leads', 'converted_at'),
    ('stg_leads', 'lost_at'),
] %}
{% set other_days = [
    ('stg_ad_spend', 'spend_date'),
    ('stg_inventory_snapshots', 'snapshot_date'),
    ('stg_pages', 'published_on'),
] %}

with

-- "the day of the newest accepted session or order, of any status; without either, of the
-- newest event of any table"
sessions_and_orders as (

    select started_on as event_on from {{ ref('stg_sessions') }}
    union all
    select ordered_on as event_on from {{ ref('stg_orders') }}

),

others as (

    {% for model, column in other_events -%}
    select {{ local_day('max(' ~ column ~ ')') }} as event_on from {{ ref(model) }}
    union all
    {% endfor -%}
    {% for model, column in other_days -%}
    select max({{ column }}) as event_on from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

dated as (

    select
        coalesce(
            {% if var('as_of') -%} cast('{{ var("as_of") }}' as date), {%- endif %}
            (select max(event_on) from sessions_and_orders),
            (select max(event_on) from others)
        ) as as_of

)

select * from dated
