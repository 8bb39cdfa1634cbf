{{ kpi(
    'perfect_order_rate',
    'rollup_order_fulfilment',
    numerator='orders_perfect',
    denominator='orders_judged',
) }}
