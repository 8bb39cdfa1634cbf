{{ kpi(
    'cost_per_click',
    'rollup_marketing',
    numerator='cost',
    denominator='clicks',
) }}
