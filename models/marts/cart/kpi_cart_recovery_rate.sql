{{ kpi(
    'cart_recovery_rate',
    'rollup_carts',
    numerator='carts_mature_recovered',
    denominator='carts_mature',
) }}
