{{ kpi(
    'platform_overclaim',
    'rollup_attribution',
    numerator=where_the_shop_spends('platform_conversion_value'),
    denominator=where_the_shop_spends('net_sales_data_driven'),
) }}
