{{ kpi(
    'revenue_per_visitor',
    'rollup_sessions',
    numerator='net_sales',
    denominator='visitors',
) }}
