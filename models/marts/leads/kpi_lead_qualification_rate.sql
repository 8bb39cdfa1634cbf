{{ kpi(
    'lead_qualification_rate',
    'rollup_leads',
    numerator='leads_qualified',
    denominator='leads',
) }}
