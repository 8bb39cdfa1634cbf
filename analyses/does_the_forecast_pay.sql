-- The forecast beside the seasonal naive one, over the four backtests together.
select
    demand_class,
    sum(units_sold) as units_sold,
    {{ divide('sum(absolute_error)', 'sum(units_sold)') }} as wape,
    {{ divide('sum(naive_absolute_error)', 'sum(units_sold)') }} as naive_wape,
    {{ divide('sum(absolute_error_of_totals)', 'sum(units_sold)') }} as wape_of_totals,
    {{ divide('sum(naive_absolute_error_of_totals)', 'sum(units_sold)') }} as naive_wape_of_totals,
    {{ divide('sum(forecast_units) - sum(units_sold)', 'sum(units_sold)') }} as bias,
    {{ divide('sum(days_inside_interval)', 'sum(days_with_interval)') }} as interval_coverage
from {{ ref('forecast_value_added') }}
group by demand_class
order by demand_class
