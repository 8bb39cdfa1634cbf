{{ kpi(
    'median_order_processing_hours',
    'rollup_order_fulfilment',
    percentile='median_processing_hours',
    denominator='orders_shipped',
) }}
