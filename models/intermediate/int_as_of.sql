{#- Events by which the data can be dated where there is neither a session nor an order. -#}
{% set other_events = [
    ('stg_customers', 'created_on'),
    ('stg_ad_spend', 'spend_date'),
    ('stg_surveys', 'responded_on'),
    ('stg_surveys', 'sent_on'),
    ('stg_tickets', 'opened_on'),
    ('stg_inventory_snapshots', 'snapshot_date'),
    ('stg_experiment_assignments', 'assigned_on'),
    ('stg_messages', 'sent_on'),
    ('stg_leads', 'created_on'),
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
