{#- What is in a stage at the end of each period, and for how long: each parcel enters on the day
    the stage starts and leaves on the day it ends. The running totals of parcels, and of the times
    at which they entered, give number and age on any day. -#}
{% set columns = {'warehouse': 'warehouse_id'} %}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

stages as (

    select
        stages.*,
        -- what enters after as_of has no age yet
        {{ seconds_between(
            "timestamp '2000-01-01'",
            'least(stages.started_at, ' ~ day_ended_at('as_of.as_of') ~ ')',
        ) }} as entered_seconds
    from {{ ref('int_fulfilment_stages') }} as stages
    cross join as_of
    -- what ended on the day it started, or before, waits at the end of no day
    where
        stages.is_open
        or stages.ended_on > stages.started_on

),

moves_by_day as (

    select
        stage_number,
        stage,
        carrier,
        delivery_mode,
        zone,
        country_code,
        warehouse_id,
        started_on as moved_on,
        count(*) as shipments,
        sum(cast(entered_seconds as decimal(30, 6))) as entered_seconds
    from stages
    group by
        stage_number, stage, carrier, delivery_mode, zone, country_code, warehouse_id, started_on

    union all

    select
        stage_number,
        stage,
        carrier,
        delivery_mode,
        zone,
        country_code,
        warehouse_id,
        ended_on as moved_on,
        -count(*) as shipments,
        -sum(cast(entered_seconds as decimal(30, 6))) as entered_seconds
    from stages
    where ended_on is not null
    group by
        stage_number, stage, carrier, delivery_mode, zone, country_code, warehouse_id, ended_on

),

segmented as (

    {% for type in ['all'] + segment_set('stage') -%}
    {% set parts = [] -%}
    {% for part in type.split('+') -%}
        {% do parts.append(
            "'all'" if part == 'all' else 'coalesce(' ~ columns.get(part, part) ~ ", 'unknown')"
        ) -%}
    {% endfor -%}
    select
        '{{ type }}' as segment_type,
        {{ parts[0] if parts | length == 1 else 'concat(' ~ parts | join(", '|', ") ~ ')' }}
            as segment_value,
        stage_number,
        stage,
        moved_on,
        sum(shipments) as shipments,
        sum(entered_seconds) as entered_seconds
    from moves_by_day
    group by segment_type, segment_value, stage_number, stage, moved_on
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

levels as (

    select
        segment_type,
        segment_value,
        stage_number,
        stage,
        moved_on,
        sum(shipments) over (
            partition by segment_type, segment_value, stage
            order by moved_on
        ) as open_shipments,
        sum(entered_seconds) over (
            partition by segment_type, segment_value, stage
            order by moved_on
        ) as entered_seconds,
        lead(moved_on) over (
            partition by segment_type, segment_value, stage
            order by moved_on
        ) as next_moved_on
    from segmented

),

bounds as (

    select
        as_of.as_of as last_day,
        min(moves_by_day.moved_on) as first_day
    from moves_by_day
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
        levels.stage_number,
        levels.stage,
        cast(levels.open_shipments as bigint) as open_shipments,
        -- up to the end of the period, or of as_of where the period is not over
        cast(
            levels.open_shipments * {{ seconds_between(
                "timestamp '2000-01-01'",
                day_ended_at('least(periods_ended.period_end, as_of.as_of)'),
            ) }} - levels.entered_seconds as {{ type_double() }}
        ) / 3600 as open_hours
    from periods_ended
    inner join levels
        on
            periods_ended.period_end >= levels.moved_on
            and (periods_ended.period_end < levels.next_moved_on or levels.next_moved_on is null)
    cross join as_of
    where levels.open_shipments > 0

)

select * from rolled_up
