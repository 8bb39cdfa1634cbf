{{ kpi(
    'stock_value',
    'rollup_stock',
    numerator='stock_value',
) }}
