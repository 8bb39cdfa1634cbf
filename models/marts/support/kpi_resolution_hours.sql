{{ kpi(
    'resolution_hours',
    'rollup_tickets',
    percentile='median_resolution_hours',
    denominator='tickets_resolved',
) }}
