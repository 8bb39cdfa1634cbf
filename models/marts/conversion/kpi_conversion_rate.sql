{{ kpi(
    'conversion_rate',
    'rollup_sessions',
    numerator='orders',
    denominator='visitors',
) }}
