{{ kpi(
    'ad_spend',
    'rollup_marketing',
    numerator='cost',
) }}
