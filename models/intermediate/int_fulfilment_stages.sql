{#- Parcels, and orders that have none yet, stage by stage. -#}
{% set stages = fulfilment_stages() %}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

shipments as (

    select * from {{ ref('fct_shipments') }}

),

-- "`backlog_orders` is absent where shipments has no rows": so is what waits, by stage
shops_that_ship as (

    select 1 as ships
    from {{ ref('stg_shipments') }}
    having count(*) > 0

),

consigned as (

    select
        orders.order_id,
        shipments.shipment_id,
        shipments.carrier,
        shipments.delivery_mode,
        case when shipments.shipment_id is null then orders.zone else shipments.zone end as zone,
        case
            when shipments.shipment_id is null then orders.country_code
            else shipments.country_code
        end as country_code,
        shipments.warehouse_id,
        orders.ordered_at,
        orders.paid_at,
        shipments.released_at,
        shipments.picked_at,
        shipments.packed_at,
        shipments.shipped_at,
        shipments.delivered_at,
        coalesce(shipments.status, 'pending') in ('delivered', 'lost', 'returned') as is_closed
    from orders
    cross join shops_that_ship
    left join shipments
        on orders.order_id = shipments.order_id

),

staged as (

    {% for stage, ended_at in stages.items() -%}
    {% set earlier = (['ordered_at'] + stages.values() | list)[:loop.index] | reverse | list -%}
    select
        order_id,
        shipment_id,
        {{ loop.index }} as stage_number,
        '{{ stage }}' as stage,
        carrier,
        delivery_mode,
        zone,
        country_code,
        warehouse_id,
        coalesce({{ earlier | join(', ') }}) as started_at,
        {{ ended_at }} as ended_at,
        -- in this stage now: the one before it has ended, and nothing later has. An order without
        -- a time of payment waits for its release from the order on.
        {% set later = (stages.values() | list)[loop.index0:] -%}
        {% if loop.index == 1 -%}
        false
        {%- else -%}
        not is_closed
        and {{ later | join(' is null and ') }} is null
        {%- if loop.index > 2 %}
        and {{ earlier[0] }} is not null
        {%- endif %}
        {%- endif %}
            as is_open
    from consigned
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

described as (

    select
        order_id,
        shipment_id,
        stage_number,
        stage,
        carrier,
        delivery_mode,
        zone,
        country_code,
        warehouse_id,
        started_at,
        {{ local_day('started_at') }} as started_on,
        ended_at,
        {{ local_day('ended_at') }} as ended_on,
        -- "Negative durations (handed over before payment) count as they are."
        {{ seconds_between('started_at', 'ended_at') }} / 3600 as stage_hours,
        is_open
    from staged
    where
        ended_at is not null
        or is_open

)

select * from described
