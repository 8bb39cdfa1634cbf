{{ kpi(
    'contact_rate',
    'rollup_contacts',
    numerator='tickets',
    denominator='orders',
) }}
