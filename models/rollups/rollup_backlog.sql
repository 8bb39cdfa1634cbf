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

levels as (

    select
        segment_type,
        segment_value,
        moved_on,
        sum(orders) over (
            partition by segment_type, segment_value
            order by moved_on
        ) as backlog,
        lead(moved_on) over (
            partition by segment_type, segment_value
            order by moved_on
        ) as next_moved_on
    from moves_by_day

),

bounds as (

    select
        as_of.as_of as last_day,
        min(moves.moved_on) as first_day
    from moves
    cross join as_of
    group by as_of.as_of

),

days as (

    select cast({{ days_between('first_day', 'last_day') }} as date) as date_day
    from bounds

),

periods as (

    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] -%}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'date_day') }} as period_start
    from days
    group by {{ first_day_of(grain, 'date_day') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods_ended as (

    select
        period_grain,
        period_start,
        {{ last_day_of('period_grain', 'period_start') }} as period_end
    from periods

),

rolled_up as (

    select
        periods_ended.period_grain,
        periods_ended.period_start,
        periods_ended.period_end,
        periods_ended.period_end <= as_of.as_of as is_complete_period,
        levels.segment_type,
        levels.segment_value,
        levels.backlog as backlog_orders
    from periods_ended
    inner join levels
        on
            periods_ended.period_end >= levels.moved_on
            and (periods_ended.period_end < levels.next_moved_on or levels.next_moved_on is null)
    cross join as_of

)

select * from rolled_up
