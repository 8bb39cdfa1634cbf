{{ kpi(
    'forecast_wape',
    'rollup_forecasts',
    numerator='absolute_error',
    denominator='units_sold',
) }}
