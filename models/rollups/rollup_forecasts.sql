with

booked as (

    -- "the 28 days up to as_of, forecast from the day before them, booked on the forecast day"
    select
        *,
        forecast_date as booked_on,
        abs(units_sold - forecast_units) as absolute_error,
        abs(units_sold - naive_units) as naive_absolute_error
    from {{ ref('int_demand_forecasts') }}
    where backtest = 1

),

{{ rollup(
    'booked',
    segments=['category'],
    measures={'units_sold': 'sum(units_sold)'},
    exact_sums={
        'absolute_error': 'absolute_error',
        'naive_absolute_error': 'naive_absolute_error',
    },
) }}

select * from rolled_up
