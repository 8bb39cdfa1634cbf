{{ kpi(
    'free_shipping_rate',
    'rollup_orders',
    numerator='orders_shipped_free',
    denominator='orders_with_known_fee',
) }}
