{{ kpi(
    'items_per_order',
    'rollup_orders',
    numerator='units',
    denominator='orders',
) }}
