{#- Forecasts of 28 days, made on as_of and, to be held against what was sold, 28, 56, 84 and 112
    days before. Each knows only the days up to its origin. -#}
{% set horizon = 28 %}

with

demand_days as (

    select * from {{ ref('int_demand_days') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

origins as (

    {% for backtest in range(5) -%}
    select
        {{ backtest }} as backtest,
        cast({{ plus_days('as_of', -backtest * horizon) }} as date) as origin_on
    from as_of
    where as_of is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

base_days as (

    select
        origins.backtest,
        demand_days.product_id,
        demand_days.demand_on,
        demand_days.day_of_week,
        demand_days.units
    from origins
    inner join demand_days
        on
            origins.origin_on >= demand_days.demand_on
            and {{ plus_days('demand_days.demand_on', 182) }} > origins.origin_on
    where demand_days.is_base

),

profiled as (

    select
        backtest,
        product_id,
        count(*) as base_days,
        {{ divide('sum(units)', 'count(*)') }} as daily_mean,
        percentile_disc(0.05) within group (order by units) as units_p05,
        percentile_disc(0.95) within group (order by units) as units_p95,
        -- the mean interval between days with a sale (Syntetos, Boylan and Croston 2005)
        {{ divide('count(*)', 'count(*) filter (where units > 0)') }}
        < {{ var('slow_mover_interval_days') }} as is_regular
    from base_days
    group by backtest, product_id

),

recent as (

    select
        base_days.backtest,
        base_days.product_id,
        base_days.day_of_week,
        base_days.units,
        row_number() over (
            partition by base_days.backtest, base_days.product_id, base_days.day_of_week
            order by base_days.demand_on desc
        ) as weeks_back
    from base_days
    inner join profiled
        on
            base_days.backtest = profiled.backtest
            and base_days.product_id = profiled.product_id
    inner join origins
        on base_days.backtest = origins.backtest
    where
        profiled.is_regular
        and {{ plus_days('base_days.demand_on', 56) }} > origins.origin_on

),

weekdays as (

    -- "the same-weekday mean": of the last four such days of the base, within eight weeks
    select
        backtest,
        product_id,
        day_of_week,
        count(*) as days,
        {{ divide('sum(units)', 'count(*)') }} as weekday_mean,
        {{ divide('count(*) * sum(units * units) - sum(units) * sum(units)', 'count(*)') }}
            as squared_deviations
    from recent
    where weeks_back <= 4
    group by backtest, product_id, day_of_week

),

spread as (

    select
        backtest,
        product_id,
        sqrt({{ divide(exact_sum('squared_deviations'), 'sum(days) - count(*)') }})
            as standard_deviation
    from weekdays
    group by backtest, product_id

),

targets as (

    select
        origins.backtest,
        origins.origin_on,
        cast(origins.origin_on + horizon.days_ahead as date) as forecast_date,
        -- the same weekday of the last week known
        cast(
            origins.origin_on + horizon.days_ahead - 7 * horizon.weeks_ahead as date
        ) as naive_date
    from origins
    cross join (
        values
        {% for day in range(1, horizon + 1) -%}
        ({{ day }}, {{ (day + 6) // 7 }}){{ ',' if not loop.last }}
        {% endfor %}
    ) as horizon (days_ahead, weeks_ahead)

),

forecast as (

    select
        targets.backtest,
        targets.origin_on,
        products.product_id,
        products.category,
        targets.forecast_date,
        coalesce(targets.forecast_date >= products.launched_on, true)
        and coalesce(targets.forecast_date <= products.discontinued_on, true) as is_on_sale,
        coalesce(profiled.base_days, 0) as base_days,
        profiled.daily_mean,
        profiled.units_p05,
        profiled.units_p95,
        coalesce(profiled.is_regular, false) as is_regular,
        coalesce(weekdays.weekday_mean, profiled.daily_mean) as weekday_mean,
        spread.standard_deviation
        * sqrt(1 + coalesce({{ divide('1', 'weekdays.days') }}, 0)) as standard_error,
        case when targets.backtest > 0 then coalesce(sold.units, 0) end as units_sold,
        case when targets.backtest > 0 then sold.is_stockout end as is_stockout,
        coalesce(naive.units, 0) as naive_units
    from targets
    cross join products
    left join profiled
        on
            targets.backtest = profiled.backtest
            and products.product_id = profiled.product_id
    left join weekdays
        on
            targets.backtest = weekdays.backtest
            and products.product_id = weekdays.product_id
            and {{ iso_weekday('targets.forecast_date') }} = weekdays.day_of_week
    left join spread
        on
            targets.backtest = spread.backtest
            and products.product_id = spread.product_id
    left join demand_days as sold
        on
            products.product_id = sold.product_id
            and targets.forecast_date = sold.demand_on
    left join demand_days as naive
        on
            products.product_id = naive.product_id
            and targets.naive_date = naive.demand_on

),

described as (

    select
        backtest,
        origin_on,
        product_id,
        category,
        forecast_date,
        is_on_sale,
        base_days,
        case
            when not is_on_sale then 'not_on_sale'
            when base_days = 0 then 'no_history'
            when is_regular then 'same_weekday_mean'
            else 'slow_mover_mean'
        end as model,
        case
            when not is_on_sale or base_days = 0 then 0
            when is_regular then weekday_mean
            else daily_mean
        end as forecast_units,
        -- 90 %: of a regular product normal, around its weekday mean; of a slow mover what it
        -- sold on the days of its base
        case
            when not is_on_sale or base_days = 0 then null
            when is_regular and standard_error is null then null
            when is_regular
                then greatest(0, weekday_mean - {{ normal_quantile(0.95) }} * standard_error)
            else least(units_p05, daily_mean)
        end as lower_units,
        case
            when not is_on_sale or base_days = 0 then null
            when is_regular then weekday_mean + {{ normal_quantile(0.95) }} * standard_error
            else greatest(units_p95, daily_mean)
        end as upper_units,
        naive_units,
        units_sold,
        is_stockout
    from forecast

)

select * from described
