{{ kpi(
    'median_order_value',
    'rollup_orders',
    percentile='median_order_value',
    denominator='orders',
) }}
