{{ kpi(
    'click_through_rate',
    'rollup_marketing',
    numerator='clicks',
    denominator='impressions',
) }}
