{{ kpi(
    'add_to_cart_rate',
    'rollup_sessions',
    numerator='sessions_with_cart',
    denominator='sessions',
) }}
