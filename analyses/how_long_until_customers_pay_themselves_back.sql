-- How long until each channel's customers pay themselves back? By quarter of acquisition, on gross
-- margin. Without payback_days: not within the days observed (payback_observed_days), which for
-- young quarters says little.
with

quarters as (

    select
        period_start as quarter,
        channel,
        round(cost) as cost,
        new_customers,
        round(cac, 2) as cac,
        round(clv_365d, 2) as clv_365d,
        round(ltv_to_cac, 2) as ltv_to_cac,
        payback_days,
        payback_observed_days
    from {{ ref('channel_performance') }}
    where
        period_grain = 'quarter'
        and is_complete_period
        and cost > 0
    order by channel, period_start

)

select * from quarters
