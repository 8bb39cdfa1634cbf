{{ config(materialized='table') }}
{#- A stock, not a flow: the orders that wait at the end of each period. Each order enters on
    the day it is paid and leaves on the day its last parcel does; the running total on a
    period's last day is its backlog. -#}
{% set segments = {
    'all': "'all'",
    'warehouse': 'order_fulfilment.warehouse_id',
    'delivery_mode': 'order_fulfilment.delivery_mode',
} %}

with

order_fulfilment as (

    select * from {{ ref('fct_order_fulfilment') }}
    where is_valid_order

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- "`backlog_orders` is absent where shipments has no rows"
shops_that_ship as (

    select 1 as ships
    from {{ ref('stg_shipments') }}
    having count(*) > 0

),

segmented as (

    {% for type, column in segments.items() -%}
    select
        '{{ type }}' as segment_type,
        coalesce({{ column }}, 'unknown') as segment_value,
        order_fulfilment.released_for_shipping_on,
        order_fulfilment.last_shipped_on
    from order_fulfilment
    cross join shops_that_ship
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

moves as (

    select
        segment_type,
        segment_value,
        released_for_shipping_on as moved_on,
        1 as orders
    from segmented
    -- parcels handed over before the payment never wait
    where last_shipped_on is null or last_shipped_on > released_for_shipping_on

    union all

    select
        segment_type,
        segment_value,
        last_shipped_on as moved_on,
        -1 as orders
    from segmented
    where last_shipped_on > released_for_shipping_on

),

moves_by_day as (

    select
        segment_type,
        segment_value,
        moved_on,
        sum(orders) as orders
    from moves
    group by segment_type, segment_value, moved_on

),

{{ at_period_ends(
    'moves_by_day', keys=['segment_type', 'segment_value'], measures={'backlog': 'orders'}
) }},

rolled_up as (

    select
        period_grain,
        period_start,
        period_end,
        period_end <= as_of as is_complete_period,
        segment_type,
        segment_value,
        backlog as backlog_orders
    from at_period_ends

)

select * from rolled_up
