-- Which device loses visitors at which step of the funnel? The last twelve complete months, the
-- step where each device falls furthest behind the best device first.
with

funnel as (

    select * from {{ ref('conversion_funnel') }}
    where
        period_grain = 'month'
        and segment_type = 'device_type'
        and is_complete_period

),

last_month as (

    select max(period_start) as period_start
    from funnel

),

summed as (

    select
        funnel.segment_value as device_type,
        funnel.step_number,
        funnel.step,
        sum(funnel.sessions) as sessions,
        sum(funnel.sessions_lost) as sessions_lost,
        {{ divide('sum(funnel.sessions)', 'sum(funnel.sessions + funnel.sessions_lost)') }}
            as step_rate
    from funnel
    inner join last_month
        on funnel.period_start > last_month.period_start - interval '12' month
    where funnel.step_number > 1
    group by funnel.segment_value, funnel.step_number, funnel.step

),

compared as (

    select
        device_type,
        step,
        sessions + sessions_lost as sessions_before,
        sessions_lost,
        step_rate,
        max(step_rate) over (partition by step) as best_rate,
        -- what the device would have brought on to the next step at the best device's rate
        (max(step_rate) over (partition by step) - step_rate)
        * (sessions + sessions_lost) as sessions_to_win
    from summed
    -- too few to compare
    where sessions + sessions_lost >= 100

)

select * from compared
order by sessions_to_win desc
