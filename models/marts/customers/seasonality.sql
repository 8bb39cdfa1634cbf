{#- How a weekday or a month of the year differs from the average one. Growth is taken out: a
    weekday is held against its own week, a month against the twelve months around it. -#}
{% set kpis = ['sessions', 'orders', 'net_sales', 'active_customers', 'new_customers'] %}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

known as (

    {% for kpi in kpis -%}
    select
        kpi,
        period_grain,
        period_start,
        value
    from {{ ref('kpi_' ~ kpi) }}
    where
        period_grain in ('day', 'month')
        and segment_type = 'all'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

spans as (

    select
        known.kpi,
        as_of.as_of,
        min(known.period_start) as first_day,
        min(min(known.period_start)) over () as first_day_of_all
    from known
    cross join as_of
    where
        known.period_grain = 'day'
        and known.period_start <= as_of.as_of
    group by known.kpi, as_of.as_of

),

-- the first order may come days after the first session: the shop was open, and sold nothing
opened as (

    select
        kpi,
        as_of,
        case
            when
                {{ first_day_of('month', 'first_day_of_all') }}
                = {{ first_day_of('month', 'first_day') }}
                then first_day_of_all
            else first_day
        end as first_day
    from spans

),

calendar as (

    select
        kpi,
        as_of,
        first_day,
        {{ days_between('first_day', 'as_of') }} as date_day
    from opened

),

-- kpi_values has no row for a day without anything: that is a zero
days as (

    select
        calendar.kpi,
        calendar.date_day,
        {{ first_day_of('week', 'calendar.date_day') }} as week_start,
        {{ first_day_of('month', 'calendar.date_day') }} as month_start,
        calendar.as_of,
        calendar.first_day,
        coalesce(known.value, 0) as value
    from calendar
    left join known
        on
            calendar.kpi = known.kpi
            and calendar.date_day = known.period_start
            and known.period_grain = 'day'

),

weekdays as (

    select
        kpi,
        {{ days_until('week_start', 'date_day') }} + 1 as position,
        {{ exact_sum('value') }} as value
    from days
    where
        week_start >= first_day
        and {{ last_day_of("'week'", 'week_start') }} <= as_of
    group by kpi, {{ days_until('week_start', 'date_day') }}

),

weekday_indices as (

    select
        kpi,
        'day_of_week' as season,
        position,
        7 * {{ divide('value', 'sum(cast(value as decimal(38, 12))) over (partition by kpi)') }}
            as season_index
    from weekdays

),

-- a first month may lack its first days
month_days as (

    select
        kpi,
        month_start,
        count(*) as days
    from days
    where
        first_day <= month_start + interval '6' day
        and {{ last_day_of("'month'", 'month_start') }} <= as_of
    group by kpi, month_start

),

-- by the day, so that a month is not higher for being longer; a KPI of people has a month's own
-- number, "never summed from days"
months as (

    select
        month_days.kpi,
        month_days.month_start,
        coalesce(known.value, 0) / month_days.days as daily_value
    from month_days
    left join known
        on
            month_days.kpi = known.kpi
            and month_days.month_start = known.period_start
            and known.period_grain = 'month'

),

-- the year around a month: thirteen months, the two ends by half, so that each month of the year
-- counts once
months_within_year as (

    select
        kpi,
        month_start,
        daily_value,
        count(*) over around as months_around,
        (
            sum(cast(daily_value as decimal(38, 12))) over around
            - (lag(daily_value, 6) over one_kpi + lead(daily_value, 6) over one_kpi) / 2
        ) / 12 as year_around
    from months
    window
        one_kpi as (
            partition by kpi
            order by month_start
        ),
        around as (
            partition by kpi
            order by month_start
            rows between 6 preceding and 6 following
        )

),

month_ratios as (

    select
        kpi,
        cast(extract(month from month_start) as integer) as position,
        {{ exact_sum(divide('daily_value', 'year_around')) }} / count(*) as ratio
    from months_within_year
    where months_around = 13
    group by kpi, extract(month from month_start)

),

-- index 1.0 = average: only where every month of the year is known
month_indices as (

    select
        kpi,
        'month_of_year' as season,
        position,
        12 * {{ divide('ratio', 'sum(cast(ratio as decimal(38, 12))) over (partition by kpi)') }}
            as season_index
    from month_ratios
    qualify count(ratio) over (partition by kpi) = 12

),

described as (

    select
        kpi,
        season,
        cast(position as integer) as position,
        season_index as index
    from weekday_indices

    union all

    select
        kpi,
        season,
        position,
        season_index as index
    from month_indices

)

select * from described
