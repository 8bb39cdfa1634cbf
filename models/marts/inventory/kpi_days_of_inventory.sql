-- 365 days over the turnover; "Cover is null at turnover 0."
{{ kpi(
    'days_of_inventory',
    'rollup_stock',
    numerator='case when annual_cogs <> 0 or mean_stock_value <> 0 then 365 end',
    denominator='turnover',
) }}
