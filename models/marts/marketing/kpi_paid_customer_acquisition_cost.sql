{{ kpi(
    'paid_customer_acquisition_cost',
    'rollup_marketing',
    numerator='cost',
    denominator=where_the_shop_spends('paid_new_customers'),
) }}
