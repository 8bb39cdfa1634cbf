{{ kpi(
    'new_customers',
    'rollup_customers',
    numerator='new_customers',
) }}
