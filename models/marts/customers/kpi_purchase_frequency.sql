{{ kpi(
    'purchase_frequency',
    'rollup_customer_orders',
    numerator='orders',
    denominator='active_customers',
) }}
