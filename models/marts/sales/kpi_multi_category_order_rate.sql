{{ kpi(
    'multi_category_order_rate',
    'rollup_orders',
    numerator='orders_of_several_categories',
    denominator='orders',
) }}
