{{ kpi(
    'csat',
    'rollup_surveys',
    numerator='csat_satisfied',
    denominator='csat_answers',
) }}
