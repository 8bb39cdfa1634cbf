{{ kpi(
    'visit_to_lead_rate',
    'rollup_sessions',
    numerator='sessions_with_lead',
    denominator='sessions',
) }}
