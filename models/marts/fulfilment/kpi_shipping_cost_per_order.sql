{{ kpi(
    'shipping_cost_per_order',
    'rollup_shipments',
    numerator='shipping_cost',
    denominator='orders_with_shipping_cost',
) }}
