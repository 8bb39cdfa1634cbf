{{ kpi(
    'checkout_abandonment_rate',
    'rollup_sessions',
    numerator='sessions_with_checkout - sessions_with_checkout_and_order',
    denominator='sessions_with_checkout',
) }}
