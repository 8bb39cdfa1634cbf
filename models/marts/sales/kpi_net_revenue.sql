{{ kpi(
    'net_revenue',
    'rollup_sales',
    numerator='net_revenue',
) }}
