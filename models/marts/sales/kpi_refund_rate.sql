{{ kpi(
    'refund_rate',
    'rollup_sales',
    numerator='refunds_of_orders',
    denominator='net_sales',
) }}
