{{ kpi(
    'repeat_purchase_rate_30d',
    'rollup_customers',
    numerator='customers_repeat_30d',
    denominator='customers_mature_30d',
) }}
