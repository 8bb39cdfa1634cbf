{{ kpi(
    'session_conversion_rate',
    'rollup_sessions',
    numerator='sessions_with_order',
    denominator='sessions',
) }}
