{{ kpi(
    'backlog_orders',
    'rollup_backlog',
    numerator='backlog_orders',
) }}
