{{ kpi(
    'abandoned_cart_value',
    'rollup_carts',
    numerator='abandoned_value',
) }}
