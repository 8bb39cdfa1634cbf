{{ kpi(
    'cart_abandonment_rate',
    'rollup_carts',
    numerator='carts_abandoned',
    denominator='carts',
) }}
