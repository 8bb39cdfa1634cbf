{{ kpi(
    'clv_90d',
    'rollup_customers',
    numerator='gross_margin_90d',
    denominator='customers_mature_90d',
) }}
