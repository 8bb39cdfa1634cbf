{{ kpi(
    'active_customers',
    'rollup_customer_orders',
    numerator='active_customers',
) }}
