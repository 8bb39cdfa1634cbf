-- "Sell-through is null without a snapshot in the period."
{{ kpi(
    'sell_through_rate',
    'rollup_stock',
    numerator='units_sold',
    denominator='case when snapshot_days > 0 then units_sold + units_on_hand end',
) }}
