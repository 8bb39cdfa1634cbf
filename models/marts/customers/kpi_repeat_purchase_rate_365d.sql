{{ kpi(
    'repeat_purchase_rate_365d',
    'rollup_customers',
    numerator='customers_repeat_365d',
    denominator='customers_mature_365d',
) }}
