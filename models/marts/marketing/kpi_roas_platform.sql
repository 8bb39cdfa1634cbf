{{ kpi(
    'roas_platform',
    'rollup_marketing',
    numerator=where_the_shop_spends('platform_conversion_value'),
    denominator='cost',
) }}
