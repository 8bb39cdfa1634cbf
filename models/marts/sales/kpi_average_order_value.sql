{{ kpi(
    'average_order_value',
    'rollup_orders',
    numerator='net_sales',
    denominator='orders',
    segments=['all'] + segment_set('order'),
) }}

union all

-- "by category: net_sales of the category's lines / orders that contain the category"
{{ kpi(
    'average_order_value',
    'rollup_sales',
    numerator='net_sales',
    denominator='orders_with_lines',
    segments=['category'],
) }}
