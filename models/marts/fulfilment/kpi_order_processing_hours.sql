{{ kpi(
    'order_processing_hours',
    'rollup_order_fulfilment',
    numerator='processing_hours',
    denominator='orders_shipped',
) }}
