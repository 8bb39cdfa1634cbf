{{ kpi(
    'engagement_seconds',
    'rollup_sessions',
    numerator='engagement_seconds',
    denominator='sessions',
) }}
