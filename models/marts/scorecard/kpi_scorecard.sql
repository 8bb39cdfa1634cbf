{#- Every KPI, and every segment that has a target, against the period before, the year before, its
    target and, while the period lasts, its projected end. docs/decisions.md, Steering, 3 to 6. -#}
{% set grains = ['day', 'week', 'month', 'quarter', 'year'] %}

with

catalogue as (

    select * from {{ ref('kpi_catalogue') }}

),

targets as (

    select * from {{ ref('kpi_targets') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

projections as (

    select * from {{ ref('kpi_projections') }}
    where is_open

),

scopes as (

    select
        kpi,
        'all' as segment_type,
        'all' as segment_value
    from catalogue

    union

    select
        targets.kpi,
        targets.segment_type,
        targets.segment_value
    from targets
    inner join catalogue
        on targets.kpi = catalogue.kpi

),

known as (

    select
        kpi_values.kpi,
        kpi_values.period_grain,
        kpi_values.period_start,
        kpi_values.segment_type,
        kpi_values.segment_value,
        kpi_values.value
    from {{ ref('kpi_values') }} as kpi_values
    inner join scopes
        on
            kpi_values.kpi = scopes.kpi
            and kpi_values.segment_type = scopes.segment_type
            and kpi_values.segment_value = scopes.segment_value

),

-- "Gaps of counts and sums (no denominator) are 0 where the KPI has a row at all", but of what is
-- counted on some days only
sums as (

    select
        kpi_values.kpi,
        true as is_sum
    from {{ ref('kpi_values') }} as kpi_values
    inner join catalogue
        on kpi_values.kpi = catalogue.kpi
    where not catalogue.is_snapshot
    group by kpi_values.kpi
    having count(kpi_values.denominator) = 0

),

known_scopes as (

    select
        known.kpi,
        known.period_grain,
        known.segment_type,
        known.segment_value,
        min(known.period_start) as first_start
    from known
    cross join as_of
    where known.period_start <= as_of.as_of
    group by known.kpi, known.period_grain, known.segment_type, known.segment_value

),

days as (

    select {{ days_between('first_day', 'last_day') }} as date_day
    from (
        select
            coalesce(min(known_scopes.first_start), as_of.as_of) as first_day,
            as_of.as_of as last_day
        from as_of
        left join known_scopes
            on known_scopes.first_start is not null
        group by as_of.as_of
    ) as bounds

),

periods as (

    {% for grain in grains -%}
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
        periods.period_grain,
        periods.period_start,
        {{ last_day_of('periods.period_grain', 'periods.period_start') }} as period_end,
        {{ compared_start('year_ago', 'periods.period_grain', 'periods.period_start') }}
            as year_ago_start,
        {{ last_day_of('periods.period_grain', 'periods.period_start') }} <= as_of.as_of
            as is_complete_period,
        as_of.as_of between periods.period_start
        and {{ last_day_of('periods.period_grain', 'periods.period_start') }} as is_last_period
    from periods
    cross join as_of

),

filled as (

    select
        scopes.kpi,
        scopes.segment_type,
        scopes.segment_value,
        periods_ended.*,
        case when sums.is_sum then coalesce(known.value, 0) else known.value end as value
    from scopes
    cross join periods_ended
    left join sums
        on scopes.kpi = sums.kpi
    left join known_scopes
        on
            scopes.kpi = known_scopes.kpi
            and scopes.segment_type = known_scopes.segment_type
            and scopes.segment_value = known_scopes.segment_value
            and periods_ended.period_grain = known_scopes.period_grain
    left join known
        on
            scopes.kpi = known.kpi
            and scopes.segment_type = known.segment_type
            and scopes.segment_value = known.segment_value
            and periods_ended.period_grain = known.period_grain
            and periods_ended.period_start = known.period_start
    where
        periods_ended.period_start >= known_scopes.first_start
        or periods_ended.is_last_period

),

compared as (

    select
        filled.*,
        lag(filled.value) over (
            partition by filled.kpi, filled.segment_type, filled.segment_value, filled.period_grain
            order by filled.period_start
        ) as previous_value,
        year_ago.value as year_ago_value
    from filled
    left join filled as year_ago
        on
            filled.kpi = year_ago.kpi
            and filled.segment_type = year_ago.segment_type
            and filled.segment_value = year_ago.segment_value
            and filled.period_grain = year_ago.period_grain
            and filled.year_ago_start = year_ago.period_start

),

-- of a period that is not over: sums where they will end, levels and ratios as they are
projected as (

    select
        compared.*,
        case
            when not compared.is_complete_period
                then coalesce(projections.projected_value, compared.value)
        end as projected_value
    from compared
    left join projections
        on
            compared.kpi = projections.kpi
            and compared.segment_type = projections.segment_type
            and compared.segment_value = projections.segment_value
            and compared.period_grain = projections.period_grain
            and compared.period_start = projections.period_start

),

targeted as (

    select
        projected.*,
        coalesce(projected.projected_value, projected.value) as judged_value,
        targets.target_id,
        targets.target_value,
        nullif(trim(targets.owner), '') as target_owner,
        nullif(trim(targets.objective), '') as target_objective
    from projected
    left join targets
        on
            projected.kpi = targets.kpi
            and projected.segment_type = targets.segment_type
            and projected.segment_value = targets.segment_value
            and projected.period_grain = targets.period_grain
            and projected.period_start >= targets.starts_on
            and projected.period_end <= targets.ends_on

),

attained as (

    select
        targeted.*,
        catalogue.label,
        catalogue.label_fr,
        catalogue.domain,
        catalogue.unit,
        catalogue.direction,
        coalesce(targeted.target_owner, catalogue.owner) as owner,
        coalesce(targeted.target_objective, catalogue.objective) as objective,
        case
            when targeted.judged_value > 0 and targeted.target_value > 0
                then
                    case
                        when catalogue.direction = 'up'
                            then targeted.judged_value / targeted.target_value
                        else targeted.target_value / targeted.judged_value
                    end
        end as attainment,
        case
            when catalogue.direction = 'up' then targeted.judged_value >= targeted.target_value
            else targeted.judged_value <= targeted.target_value
        end as is_reached
    from targeted
    inner join catalogue
        on targeted.kpi = catalogue.kpi

),

judged as (

    select
        kpi,
        label,
        label_fr,
        domain,
        unit,
        direction,
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_type,
        segment_value,
        value,
        previous_value,
        value - previous_value as change,
        case when previous_value > 0 then value / previous_value - 1 end as change_rate,
        year_ago_value,
        value - year_ago_value as year_on_year_change,
        case when year_ago_value > 0 then value / year_ago_value - 1 end
            as year_on_year_change_rate,
        target_id,
        target_value,
        attainment,
        case
            when judged_value is null then 'no_data'
            when target_value is null then 'no_target'
            when is_reached then 'on_track'
            when attainment >= {{ var('at_risk_attainment') }} then 'at_risk'
            else 'off_track'
        end as status,
        projected_value,
        owner,
        objective
    from attained

)

select * from judged
