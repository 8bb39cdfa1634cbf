{{ kpi(
    'return_rate',
    'rollup_sales',
    numerator='units_refunded_of_orders',
    denominator='units',
) }}
