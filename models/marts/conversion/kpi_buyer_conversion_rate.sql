{{ kpi(
    'buyer_conversion_rate',
    'rollup_sessions',
    numerator='visitors_with_order',
    denominator='visitors',
) }}
