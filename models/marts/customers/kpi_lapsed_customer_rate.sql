{{ kpi(
    'lapsed_customer_rate',
    'rollup_customers',
    numerator='customers_lapsed',
    denominator='customers_mature_for_lapse',
) }}
