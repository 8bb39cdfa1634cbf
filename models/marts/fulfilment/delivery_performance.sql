with

finished as (

    {% for stage in fulfilment_stages() -%}
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_type,
        segment_value,
        {{ loop.index }} as stage_number,
        '{{ stage }}' as stage,
        {{ stage }}_shipments as shipments,
        {{ stage }}_hours as hours,
        {{ stage }}_p50_hours as p50_hours,
        {{ stage }}_p90_hours as p90_hours
    from {{ ref('rollup_fulfilment_stages') }}
    where {{ stage }}_shipments > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

still_open as (

    select * from {{ ref('rollup_open_shipments') }}

),

joined as (

    select
        coalesce(finished.period_grain, still_open.period_grain) as period_grain,
        coalesce(finished.period_start, still_open.period_start) as period_start,
        coalesce(finished.period_end, still_open.period_end) as period_end,
        coalesce(finished.is_complete_period, still_open.is_complete_period) as is_complete_period,
        coalesce(finished.segment_type, still_open.segment_type) as segment_type,
        coalesce(finished.segment_value, still_open.segment_value) as segment_value,
        coalesce(finished.stage_number, still_open.stage_number) as stage_number,
        coalesce(finished.stage, still_open.stage) as stage,
        coalesce(finished.shipments, 0) as shipments,
        coalesce(still_open.open_shipments, 0) as open_shipments,
        {{ divide('finished.hours', 'finished.shipments') }} as average_hours,
        finished.p50_hours,
        finished.p90_hours,
        {{ divide('still_open.open_hours', 'still_open.open_shipments') }} as average_open_hours
    from finished
    full outer join still_open
        on
            finished.period_grain = still_open.period_grain
            and finished.period_start = still_open.period_start
            and finished.segment_type = still_open.segment_type
            and finished.segment_value = still_open.segment_value
            and finished.stage = still_open.stage

),

compared as (

    -- "the bottleneck is the stage with the largest share of the p90 total"; ties: the first stage
    select
        *,
        sum(cast(p90_hours as decimal(38, 12))) over segment as p90_hours_of_all,
        row_number() over (
            partition by period_grain, period_start, segment_type, segment_value
            order by p90_hours desc nulls last, stage_number asc
        ) as place,
        row_number() over (
            partition by
                period_grain, period_start, segment_type, segment_value,
                stage in ('release', 'picking', 'packing', 'handover')
            order by p90_hours desc nulls last, stage_number asc
        ) as place_in_house
    from joined
    window segment as (partition by period_grain, period_start, segment_type, segment_value)

),

described as (

    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_type,
        segment_value,
        stage_number,
        stage,
        shipments,
        open_shipments,
        average_hours,
        p50_hours,
        p90_hours,
        average_open_hours,
        {{ divide('p90_hours', 'p90_hours_of_all') }} as share_of_total,
        p90_hours is not null and place = 1 as is_bottleneck,
        -- of the stages that the warehouse itself can shorten
        p90_hours is not null
        and place_in_house = 1
        and stage in ('release', 'picking', 'packing', 'handover') as is_warehouse_bottleneck
    from compared

)

select * from described
