{{ kpi(
    'first_response_hours',
    'rollup_tickets',
    percentile='median_first_response_hours',
    denominator='tickets_answered',
) }}
