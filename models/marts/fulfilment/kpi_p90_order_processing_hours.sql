{{ kpi(
    'p90_order_processing_hours',
    'rollup_order_fulfilment',
    percentile='p90_processing_hours',
    denominator='orders_shipped',
) }}
