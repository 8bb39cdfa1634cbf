{{ kpi(
    'cost_per_lead',
    'rollup_lead_costs',
    numerator='cost',
    denominator='leads',
) }}
