{{ kpi(
    'bounce_rate',
    'rollup_sessions',
    numerator='sessions - sessions_engaged',
    denominator='sessions',
) }}
