{{ kpi(
    'engagement_rate',
    'rollup_sessions',
    numerator='sessions_engaged',
    denominator='sessions',
) }}
