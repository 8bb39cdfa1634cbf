{{ kpi(
    'repeat_purchase_rate_90d',
    'rollup_customers',
    numerator='customers_repeat_90d',
    denominator='customers_mature_90d',
) }}
