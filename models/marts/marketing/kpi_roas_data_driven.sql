{{ kpi(
    'roas_data_driven',
    'rollup_attribution',
    numerator=where_the_shop_spends('net_sales_data_driven'),
    denominator='cost',
) }}
