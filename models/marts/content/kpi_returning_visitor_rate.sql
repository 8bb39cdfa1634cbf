{{ kpi(
    'returning_visitor_rate',
    'rollup_sessions',
    numerator='visitors_returning',
    denominator='visitors',
) }}
