{{ kpi(
    'delivery_days',
    'rollup_order_fulfilment',
    numerator='delivery_days',
    denominator='orders_delivered',
) }}
