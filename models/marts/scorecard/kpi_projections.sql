{#- Where a period will end: what is there, plus for each day to come the mean of the same weekday
    in the last six weeks, times half (in logarithms) of the season of a year ago. Each past period
    is projected from its first half as well, beside the straight line. docs/decisions.md,
    Steering, 6. -#}
{% set around %}
            partition by days.series
            order by days.date_day
            rows between 28 preceding and 28 following
{% endset %}

with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

scopes as (

    select
        kpi,
        'all' as segment_type,
        'all' as segment_value
    from {{ ref('kpi_catalogue') }}

    union

    select
        kpi,
        segment_type,
        segment_value
    from {{ ref('kpi_targets') }}

),

known as (

    select
        kpi_values.kpi,
        kpi_values.segment_type,
        kpi_values.segment_value,
        kpi_values.period_grain,
        kpi_values.period_start,
        kpi_values.value
    from kpi_values
    inner join scopes
        on
            kpi_values.kpi = scopes.kpi
            and kpi_values.segment_type = scopes.segment_type
            and kpi_values.segment_value = scopes.segment_value
    inner join {{ ref('kpi_catalogue') }} as catalogue
        on kpi_values.kpi = catalogue.kpi
    cross join as_of
    where
        catalogue.accumulates
        and kpi_values.period_start <= as_of.as_of

),

series as (

    select
        row_number() over (order by known.kpi, known.segment_type, known.segment_value) as series,
        known.kpi,
        known.segment_type,
        known.segment_value,
        min(known.period_start) as first_day,
        as_of.as_of
    from known
    cross join as_of
    where known.period_grain = 'day'
    group by known.kpi, known.segment_type, known.segment_value, as_of.as_of

),

calendar as (

    select
        *,
        {{ days_between('first_day', 'as_of') }} as date_day
    from series

),

-- kpi_values has no row for a day without anything: that is a zero
days as (

    select
        calendar.series,
        calendar.date_day,
        coalesce(known.value, 0) as value
    from calendar
    left join known
        on
            calendar.kpi = known.kpi
            and calendar.segment_type = known.segment_type
            and calendar.segment_value = known.segment_value
            and calendar.date_day = known.period_start
            and known.period_grain = 'day'

),

-- "the mean of the 57 days around the day 364 days before"
seasons as (

    select
        series,
        cast(date_day + interval '364' day as date) as date_day,
        cast(date_day + interval '28' day as date) as known_on,
        {{ exact_sum('value', over=around) }} / 57 as season
    from days
    qualify count(*) over ({{ around }}) = 57

),

periods as (

    {% for grain in ['week', 'month', 'quarter', 'year'] -%}
    select
        calendar.series,
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'calendar.date_day') }} as period_start
    from calendar
    group by calendar.series, {{ first_day_of(grain, 'calendar.date_day') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods_ended as (

    select
        *,
        {{ last_day_of('period_grain', 'period_start') }} as period_end,
        cast(floor(
            ({{ days_until('period_start', last_day_of('period_grain', 'period_start')) }} + 1) / 2
        ) as integer) as days_of_first_half
    from periods

),

cuts as (

    select
        periods_ended.*,
        series.kpi,
        series.segment_type,
        series.segment_value,
        series.first_day,
        periods_ended.period_end > series.as_of as is_open,
        case
            when periods_ended.period_end > series.as_of then series.as_of
            else periods_ended.period_start + (periods_ended.days_of_first_half - 1)
        end as cut_on
    from periods_ended
    inner join series
        on periods_ended.series = series.series
    where
        periods_ended.period_end > series.as_of
        or periods_ended.period_start >= series.first_day

),

known_so_far as (

    select
        cuts.series,
        cuts.period_grain,
        cuts.period_start,
        {{ exact_sum('case when days.date_day <= cuts.cut_on then days.value end') }}
            as value_so_far,
        {{ exact_sum('days.value') }} as sum_of_days
    from cuts
    inner join days
        on
            cuts.series = days.series
            and days.date_day between cuts.period_start and cuts.period_end
    group by cuts.series, cuts.period_grain, cuts.period_start

),

-- people are counted once in a period, however many days they came on
measured as (

    select
        cuts.*,
        known_so_far.value_so_far,
        known.value as period_value,
        case when not cuts.is_open then {{ divide('known.value', 'known_so_far.sum_of_days') }} end
            as distinct_share
    from cuts
    inner join known_so_far
        on
            cuts.series = known_so_far.series
            and cuts.period_grain = known_so_far.period_grain
            and cuts.period_start = known_so_far.period_start
    left join known
        on
            cuts.kpi = known.kpi
            and cuts.segment_type = known.segment_type
            and cuts.segment_value = known.segment_value
            and cuts.period_grain = known.period_grain
            and cuts.period_start = known.period_start

),

shared as (

    select
        *,
        coalesce(
            lag(distinct_share) over (
                partition by series, period_grain
                order by period_start
            ), 1
        ) as last_distinct_share
    from measured

),

cut_days as (

    select
        series,
        cut_on,
        first_day
    from shared
    group by series, cut_on, first_day

),

weekdays as (

    select
        cut_days.series,
        cut_days.cut_on,
        {{ days_until("date '2000-01-03'", 'days.date_day') }} % 7 as weekday,
        {{ exact_sum('days.value') }} / count(*) as weekday_mean,
        {{ exact_sum('seasons.season') }} as season_sum,
        count(seasons.season) as season_days
    from cut_days
    inner join days
        on
            cut_days.series = days.series
            and cast(cut_days.cut_on - interval '42' day as date) < days.date_day
            and cut_days.cut_on >= days.date_day
    left join seasons
        on
            days.series = seasons.series
            and days.date_day = seasons.date_day
    group by
        cut_days.series,
        cut_days.cut_on,
        {{ days_until("date '2000-01-03'", 'days.date_day') }} % 7

),

levels as (

    select
        series,
        cut_on,
        {{ divide(exact_sum('season_sum'), 'sum(season_days)') }} as season_of_these_weeks
    from weekdays
    group by series, cut_on

),

days_ahead as (

    select
        series,
        period_grain,
        period_start,
        cut_on,
        {{ days_between('cast(cut_on + interval \'1\' day as date)', 'period_end') }}
            as date_day
    from shared
    where {{ days_until('first_day', 'cut_on') }} >= 6

),

-- ". . . times the square root of the season"
expected as (

    select
        days_ahead.series,
        days_ahead.period_grain,
        days_ahead.period_start,
        {{ exact_sum(
            'weekdays.weekday_mean * case'
            ~ ' when seasons.season > 0 and levels.season_of_these_weeks > 0'
            ~ ' then sqrt(seasons.season / levels.season_of_these_weeks) else 1 end'
        ) }} as expected_value
    from days_ahead
    inner join weekdays
        on
            days_ahead.series = weekdays.series
            and days_ahead.cut_on = weekdays.cut_on
            and {{ days_until("date '2000-01-03'", 'days_ahead.date_day') }} % 7 = weekdays.weekday
    inner join levels
        on
            days_ahead.series = levels.series
            and days_ahead.cut_on = levels.cut_on
    left join seasons
        on
            days_ahead.series = seasons.series
            and days_ahead.date_day = seasons.date_day
            and days_ahead.cut_on >= seasons.known_on
    group by days_ahead.series, days_ahead.period_grain, days_ahead.period_start

),

projected as (

    select
        shared.kpi,
        shared.period_grain,
        shared.period_start,
        shared.period_end,
        shared.segment_type,
        shared.segment_value,
        shared.cut_on,
        shared.is_open,
        shared.value_so_far,
        shared.value_so_far
        * ({{ days_until('shared.period_start', 'shared.period_end') }} + 1)
        / ({{ days_until('shared.period_start', 'shared.cut_on') }} + 1) as straight_line_value,
        case
            when expected.expected_value is not null
                then (shared.value_so_far + expected.expected_value) * shared.last_distinct_share
        end as seasonal_value,
        shared.period_value
    from shared
    left join expected
        on
            shared.series = expected.series
            and shared.period_grain = expected.period_grain
            and shared.period_start = expected.period_start

),

completed as (

    select
        kpi,
        period_grain,
        period_start,
        period_end,
        segment_type,
        segment_value,
        cut_on,
        is_open,
        value_so_far,
        straight_line_value,
        case
            when is_open
                then
                    greatest(
                        coalesce(seasonal_value, straight_line_value), coalesce(period_value, 0)
                    )
            else coalesce(seasonal_value, straight_line_value)
        end as projected_value,
        case when not is_open then coalesce(period_value, 0) end as actual_value
    from projected

)

select * from completed
