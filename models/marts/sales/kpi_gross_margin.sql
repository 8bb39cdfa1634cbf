{{ kpi(
    'gross_margin',
    'rollup_sales',
    numerator='gross_margin',
) }}
