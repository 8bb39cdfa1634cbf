{{ kpi(
    'leads',
    'rollup_leads',
    numerator='leads',
) }}
