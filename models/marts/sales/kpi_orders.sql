{{ kpi(
    'orders',
    'rollup_orders',
    numerator='orders',
) }}
