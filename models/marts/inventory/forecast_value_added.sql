with

forecasts as (

    select * from {{ ref('int_demand_forecasts') }}
    where backtest > 0

),

products_judged as (

    select
        backtest,
        origin_on,
        product_id,
        coalesce(max(case when model <> 'not_on_sale' then model end), 'not_on_sale')
            as demand_class,
        sum(units_sold) as units_sold,
        sum(naive_units) as naive_units,
        {{ exact_sum('forecast_units') }} as forecast_units,
        {{ exact_sum('abs(units_sold - forecast_units)') }} as absolute_error,
        sum(abs(units_sold - naive_units)) as naive_absolute_error,
        count(upper_units) as days_with_interval,
        count(case when units_sold between lower_units and upper_units then 1 end)
            as days_inside_interval
    from forecasts
    group by backtest, origin_on, product_id

),

classed as (

    {% for class in ['demand_class', "'all'"] -%}
    select
        backtest,
        origin_on,
        {{ class }} as demand_class,
        units_sold,
        naive_units,
        forecast_units,
        absolute_error,
        naive_absolute_error,
        days_with_interval,
        days_inside_interval
    from products_judged
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

summed as (

    select
        backtest,
        origin_on,
        demand_class,
        count(*) as products,
        cast(sum(units_sold) as bigint) as units_sold,
        {{ exact_sum('forecast_units') }} as forecast_units,
        {{ exact_sum('absolute_error') }} as absolute_error,
        cast(sum(naive_absolute_error) as bigint) as naive_absolute_error,
        -- what has to be in stock is the total of the weeks ahead: errors of days cancel out
        {{ exact_sum('abs(units_sold - forecast_units)') }} as absolute_error_of_totals,
        cast(sum(abs(units_sold - naive_units)) as bigint) as naive_absolute_error_of_totals,
        cast(sum(days_with_interval) as bigint) as days_with_interval,
        cast(sum(days_inside_interval) as bigint) as days_inside_interval
    from classed
    group by backtest, origin_on, demand_class

),

described as (

    select
        backtest,
        origin_on,
        demand_class,
        products,
        units_sold,
        forecast_units,
        absolute_error,
        naive_absolute_error,
        absolute_error_of_totals,
        naive_absolute_error_of_totals,
        days_with_interval,
        days_inside_interval,
        {{ divide('absolute_error', 'units_sold') }} as wape,
        {{ divide('naive_absolute_error', 'units_sold') }} as naive_wape,
        {{ divide('naive_absolute_error - absolute_error', 'units_sold') }} as value_added,
        {{ divide('absolute_error_of_totals', 'units_sold') }} as wape_of_totals,
        {{ divide('naive_absolute_error_of_totals', 'units_sold') }} as naive_wape_of_totals,
        {{ divide('forecast_units - units_sold', 'units_sold') }} as bias,
        {{ divide('days_inside_interval', 'days_with_interval') }} as interval_coverage
    from summed

)

select * from described
