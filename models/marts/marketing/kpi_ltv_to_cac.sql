{#- "LTV to CAC = 365-day margin of the period's new customers / spend of the same period": new
customers are in both CLV and CAC, and cancel. -#}
{{ kpi(
    'ltv_to_cac',
    'rollup_marketing',
    numerator='case when cost is not null and is_mature_period_365d'
    ~ ' then new_customers_gross_margin_365d end',
    denominator='case when is_mature_period_365d then cost end',
) }}
