{{ kpi(
    'lead_conversion_rate',
    'rollup_leads',
    numerator='leads_converted',
    denominator='leads',
) }}
