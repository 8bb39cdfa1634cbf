{{ kpi(
    'survey_response_rate',
    'rollup_surveys',
    numerator='surveys_sent_and_answered',
    denominator='surveys_sent',
) }}
