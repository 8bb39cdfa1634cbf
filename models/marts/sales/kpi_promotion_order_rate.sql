{{ kpi(
    'promotion_order_rate',
    'rollup_orders',
    numerator='orders_with_promotion',
    denominator='orders',
) }}
