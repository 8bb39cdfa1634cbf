{{ kpi(
    'checkout_completion_rate',
    'rollup_sessions',
    numerator='sessions_with_checkout_and_order',
    denominator='sessions_with_checkout',
) }}
