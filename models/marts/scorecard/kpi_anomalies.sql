{#- Daily KPIs outside the range that their level, their weekday and their own noise let expect.
    Every window ends the day before. docs/decisions.md, Steering, 8. -#}
with

as_of as (

    select * from {{ ref('int_as_of') }}

),

known as (

    select
        kpi_values.kpi,
        kpi_values.segment_type,
        kpi_values.segment_value,
        kpi_values.period_start as date_day,
        kpi_values.value,
        kpi_values.denominator is null and not catalogue.is_snapshot as is_sum
    from {{ ref('kpi_values') }} as kpi_values
    inner join {{ ref('kpi_catalogue') }} as catalogue
        on kpi_values.kpi = catalogue.kpi
    cross join as_of
    where
        kpi_values.period_grain = 'day'
        and kpi_values.period_start <= as_of.as_of
        and (
            kpi_values.segment_type = 'all'
            or (
                kpi_values.segment_type in ('channel', 'device_type', 'country_code')
                and catalogue.accumulates
            )
        )

),

-- shorter series have no day that could be scored
series as (

    select
        row_number() over (order by known.kpi, known.segment_type, known.segment_value) as series,
        known.kpi,
        known.segment_type,
        known.segment_value,
        min(known.date_day) as first_day,
        as_of.as_of,
        bool_and(known.is_sum) as is_sum
    from known
    cross join as_of
    group by known.kpi, known.segment_type, known.segment_value, as_of.as_of
    having
        {{ days_until('min(known.date_day)', 'as_of.as_of') }} >= 120
        -- the windows hold 50 values of 56 days
        and count(case when known.value > 0 then 1 end) >= 50

),

calendar as (

    select
        *,
        {{ days_between('first_day', 'as_of') }} as date_day
    from series

),

days as (

    select
        calendar.series,
        calendar.date_day,
        calendar.is_sum,
        {{ days_until('calendar.first_day', 'calendar.date_day') }} + 1 as day_number,
        {{ days_until("date '2000-01-03'", 'calendar.date_day') }} % 7 as weekday,
        case when calendar.is_sum then coalesce(known.value, 0) else known.value end as value,
        case when known.value > 0 then ln(known.value) end as log_value
    from calendar
    left join known
        on
            calendar.kpi = known.kpi
            and calendar.segment_type = known.segment_type
            and calendar.segment_value = known.segment_value
            and calendar.date_day = known.date_day

),

levelled as (

    select
        *,
        case
            when count(log_value) over level_window >= 25
                then {{ median_over('log_value', 'level_window') }}
        end as level
    from days
    window level_window as (
        partition by series
        order by date_day
        rows between 28 preceding and 1 preceding
    )

),

weekday_adjusted as (

    select
        *,
        case
            when count(log_value - level) over weekday_window >= 6
                then {{ median_over('log_value - level', 'weekday_window') }}
        end as weekday_effect
    from levelled
    window weekday_window as (
        partition by series, weekday
        order by date_day
        rows between 8 preceding and 1 preceding
    )

),

spread as (

    select
        *,
        {{ median_over('abs(log_value - level - weekday_effect)', 'noise_window') }} as noise,
        count(log_value - level - weekday_effect) over noise_window as noise_days
    from weekday_adjusted
    window noise_window as (
        partition by series
        order by date_day
        rows between 56 preceding and 1 preceding
    )

),

scored as (

    select
        series,
        date_day,
        value,
        log_value,
        level + weekday_effect as expected_log,
        -- 1.4826 makes the median deviation of a normal distribution its standard deviation
        1.4826 * greatest(noise, 0.01) as noise_scale
    from spread
    where
        day_number > 120
        and level is not null
        and weekday_effect is not null
        and (
            (log_value is not null and noise_days >= 50)
            -- a sum at zero has no logarithm; where it never was, it has stopped
            or (is_sum and value <= 0 and noise_days = 56)
        )

),

judged as (

    select
        series.kpi,
        scored.date_day as period_start,
        series.segment_type,
        series.segment_value,
        scored.value,
        exp(scored.expected_log) as expected_value,
        exp(scored.expected_log - {{ var('anomaly_threshold') }} * scored.noise_scale) as lower,
        exp(scored.expected_log + {{ var('anomaly_threshold') }} * scored.noise_scale) as upper,
        (scored.log_value - scored.expected_log) / scored.noise_scale as score,
        -- as expected is not above it, whatever the last digit of exp
        case when scored.value > exp(scored.expected_log) * (1 + 1e-9) then 'up' else 'down' end
            as direction
    from scored
    inner join series
        on scored.series = series.series

),

flagged as (

    select
        *,
        coalesce(abs(score) > {{ var('anomaly_threshold') }}, true) as is_anomaly
    from judged

),

events as (

    select
        flagged.period_start,
        {{ joined_text('events.event', ', ', 'events.starts_on, events.event') }} as known_event,
        {{ joined_text('events.event_fr', ', ', 'events.starts_on, events.event') }}
            as known_event_fr
    from (
        select period_start
        from flagged
        group by period_start
    ) as flagged
    inner join {{ ref('calendar_events') }} as events
        on flagged.period_start between events.starts_on and events.ends_on
    group by flagged.period_start

),

explained as (

    select
        flagged.kpi,
        flagged.period_start,
        flagged.segment_type,
        flagged.segment_value,
        flagged.value,
        flagged.expected_value,
        flagged.lower,
        flagged.upper,
        flagged.score,
        flagged.direction,
        flagged.is_anomaly,
        events.known_event,
        events.known_event_fr,
        flagged.is_anomaly and events.known_event is null as is_unexplained
    from flagged
    left join events
        on flagged.period_start = events.period_start

)

select * from explained
