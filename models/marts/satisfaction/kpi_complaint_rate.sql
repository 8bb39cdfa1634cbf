{{ kpi(
    'complaint_rate',
    'rollup_order_fulfilment',
    numerator='orders_with_complaint',
    denominator='orders_first_delivered',
) }}
