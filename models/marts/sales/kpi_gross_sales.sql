{{ kpi(
    'gross_sales',
    'rollup_sales',
    numerator='gross_sales',
) }}
