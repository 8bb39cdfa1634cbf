{{ kpi(
    'clv_365d',
    'rollup_customers',
    numerator='gross_margin_365d',
    denominator='customers_mature_365d',
) }}
