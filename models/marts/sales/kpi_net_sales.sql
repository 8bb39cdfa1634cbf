{{ kpi(
    'net_sales',
    'rollup_sales',
    numerator='net_sales',
) }}
