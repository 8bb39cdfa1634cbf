{{ kpi(
    'median_days_between_orders',
    'rollup_customer_orders',
    percentile='median_days_between_orders',
    denominator='gaps',
) }}
