{{ kpi(
    'cost_per_order',
    'rollup_marketing',
    numerator='cost',
    denominator=where_the_shop_spends('orders'),
) }}
