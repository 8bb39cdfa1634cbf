{{ kpi(
    'roas_last_click',
    'rollup_attribution',
    numerator=where_the_shop_spends('net_sales_last_non_direct'),
    denominator='cost',
) }}
