{{ kpi(
    'nps',
    'rollup_surveys',
    numerator='nps_promoters - nps_detractors',
    denominator='nps_answers',
) }}
