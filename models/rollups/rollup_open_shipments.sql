{{ config(materialized='table') }}
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

{{ at_period_ends(
    'segmented',
    keys=['segment_type', 'segment_value', 'stage_number', 'stage'],
    measures={'open_shipments': 'shipments', 'entered_seconds': 'entered_seconds'},
) }},

rolled_up as (

    select
        period_grain,
        period_start,
        period_end,
        period_end <= as_of as is_complete_period,
        segment_type,
        segment_value,
        stage_number,
        stage,
        cast(open_shipments as bigint) as open_shipments,
        -- up to the end of the period, or of as_of where the period is not over
        cast(
            open_shipments * {{ seconds_between(
                "timestamp '2000-01-01'",
                day_ended_at('least(period_end, as_of)'),
            ) }} - entered_seconds as {{ type_double() }}
        ) / 3600 as open_hours
    from at_period_ends
    where open_shipments > 0

)

select * from rolled_up
