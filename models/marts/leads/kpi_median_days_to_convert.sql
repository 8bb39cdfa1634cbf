{{ kpi(
    'median_days_to_convert',
    'rollup_leads',
    percentile='median_days_to_convert',
    denominator='leads_converted',
) }}
