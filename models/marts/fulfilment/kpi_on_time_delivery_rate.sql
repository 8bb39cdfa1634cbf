{{ kpi(
    'on_time_delivery_rate',
    'rollup_shipments',
    numerator='shipments_on_time',
    denominator='shipments_promised',
) }}
