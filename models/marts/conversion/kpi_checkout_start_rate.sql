{{ kpi(
    'checkout_start_rate',
    'rollup_sessions',
    numerator='sessions_with_cart_and_checkout',
    denominator='sessions_with_cart',
) }}
