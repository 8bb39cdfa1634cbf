{{ kpi(
    'clv_predicted_365d',
    'rollup_customers',
    numerator='expected_value_365d',
    denominator='new_customers',
) }}
