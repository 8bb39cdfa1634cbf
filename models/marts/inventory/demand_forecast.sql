with

forecasts as (

    select * from {{ ref('int_demand_forecasts') }}
    where
        backtest = 0
        and is_on_sale

),

described as (

    select
        product_id,
        forecast_date,
        category,
        forecast_units,
        lower_units as lower,
        upper_units as upper,
        model
    from forecasts

)

select * from described
