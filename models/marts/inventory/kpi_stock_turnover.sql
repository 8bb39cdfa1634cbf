{{ kpi(
    'stock_turnover',
    'rollup_stock',
    numerator='annual_cogs',
    denominator='mean_stock_value',
) }}
