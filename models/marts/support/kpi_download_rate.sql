{{ kpi(
    'download_rate',
    'rollup_sessions',
    numerator='sessions_with_download',
    denominator='sessions',
) }}
