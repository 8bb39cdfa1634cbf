{{ kpi(
    'stockout_rate',
    'rollup_stock',
    numerator='stockout_product_days',
    denominator='listed_product_days',
) }}
