{{ kpi(
    'visitors',
    'rollup_sessions',
    numerator='visitors',
) }}
