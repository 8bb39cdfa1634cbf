{{ kpi(
    'gross_margin_rate',
    'rollup_sales',
    numerator='gross_margin',
    denominator='costed_net_revenue',
) }}
