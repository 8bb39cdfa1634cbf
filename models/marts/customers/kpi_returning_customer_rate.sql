{{ kpi(
    'returning_customer_rate',
    'rollup_customer_orders',
    numerator='returning_customers',
    denominator='active_customers',
) }}
