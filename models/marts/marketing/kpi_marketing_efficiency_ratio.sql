{{ kpi(
    'marketing_efficiency_ratio',
    'rollup_marketing',
    numerator=where_the_shop_spends('net_revenue'),
    denominator='cost',
) }}
