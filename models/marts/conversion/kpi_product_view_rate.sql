{{ kpi(
    'product_view_rate',
    'rollup_sessions',
    numerator='sessions_with_view_item',
    denominator='sessions',
) }}
