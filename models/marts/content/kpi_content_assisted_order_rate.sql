{{ kpi(
    'content_assisted_order_rate',
    'rollup_content_orders',
    numerator='orders_assisted',
    denominator='orders_with_session',
) }}
