{{ kpi(
    'sessions',
    'rollup_sessions',
    numerator='sessions',
) }}
