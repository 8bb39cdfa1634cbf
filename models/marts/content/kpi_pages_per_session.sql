{{ kpi(
    'pages_per_session',
    'rollup_sessions',
    numerator='page_views',
    denominator='sessions',
) }}
