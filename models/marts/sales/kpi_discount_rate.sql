{{ kpi(
    'discount_rate',
    'rollup_sales',
    numerator='discounts',
    denominator='gross_sales',
) }}
