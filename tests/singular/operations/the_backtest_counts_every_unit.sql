-- The units of the backtest are the units sold on its days, and its error that of the KPI.
with

judged as (

    select * from {{ ref('forecast_value_added') }}
    where
        backtest = 1
        and demand_class = 'all'

),

sold as (

    select coalesce(sum(orders.units), 0) as units
    from {{ ref('rollup_orders') }} as orders
    cross join judged
    where
        orders.period_grain = 'day'
        and orders.segment_type = 'all'
        and orders.period_start > judged.origin_on
        and orders.period_start <= {{ plus_days('judged.origin_on', 28) }}

),

rolled_up as (

    select sum(absolute_error) as absolute_error
    from {{ ref('rollup_forecasts') }}
    where
        period_grain = 'day'
        and segment_type = 'all'

)

select
    judged.units_sold,
    sold.units,
    judged.absolute_error,
    rolled_up.absolute_error as kpi_absolute_error
from judged
cross join sold
cross join rolled_up
where
    judged.units_sold is distinct from sold.units
    or abs(judged.absolute_error - rolled_up.absolute_error)
    > 1e-9 * greatest(1, judged.absolute_error)
    or rolled_up.absolute_error is null
