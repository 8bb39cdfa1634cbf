{{ kpi(
    'customer_acquisition_cost',
    'rollup_marketing',
    numerator='cost',
    denominator=where_the_shop_spends('new_customers'),
) }}
