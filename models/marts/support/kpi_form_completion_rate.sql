{{ kpi(
    'form_completion_rate',
    'rollup_forms',
    numerator='forms_submitted',
    denominator='forms_started',
) }}
