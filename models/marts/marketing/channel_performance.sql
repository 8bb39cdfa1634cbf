{% set day_after =
    'cast(' ~ plus_days('least(keys.period_end, as_of.as_of)', 1) ~ ' as date)' %}

with

channels as (

    select * from {{ ref('rollup_marketing') }}
    where segment_type = 'channel'

),

session_channels as (

    select * from {{ ref('rollup_sessions') }}
    where segment_type = 'channel'

),

attributed as (

    select * from {{ ref('rollup_attribution') }}
    where segment_type = 'channel'

),

paybacks as (

    select * from {{ ref('rollup_paybacks') }}

),

marginal_returns as (

    select * from {{ ref('rollup_marginal_returns') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

spenders as (

    select bool_or(cost is not null) as shop_spends
    from channels

),

keys as (

    {% for relation in ['channels', 'session_channels', 'attributed'] -%}
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_value as channel
    from {{ relation }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}

),

dated as (

    -- the marginal return known at the end of the period: of the last week that was over by then
    select
        keys.period_grain,
        keys.period_start,
        keys.period_end,
        keys.is_complete_period,
        keys.channel,
        spenders.shop_spends,
        cast(
            {{ first_day_of('week', day_after) }} - interval '7' day as date
        ) as last_week_start
    from keys
    cross join as_of
    cross join spenders

),

measured as (

    select
        dated.period_grain,
        dated.period_start,
        dated.period_end,
        dated.is_complete_period,
        dated.channel,
        case
            when dated.shop_spends then cast(coalesce(channels.cost, 0) as {{ type_double() }})
        end as cost,
        cast(coalesce(channels.clicks, 0) as bigint) as clicks,
        cast(coalesce(session_channels.sessions, 0) as bigint) as sessions,
        cast(coalesce(channels.orders, 0) as bigint) as orders,
        cast(coalesce(channels.new_customers, 0) as bigint) as new_customers,
        channels.gross_margin_90d,
        channels.gross_margin_365d,
        channels.customers_mature_90d,
        channels.customers_mature_365d,
        case when channels.is_mature_period_365d then channels.new_customers_gross_margin_365d end
            as cohort_gross_margin_365d,
        paybacks.payback_days,
        paybacks.observed_days as payback_observed_days,
        coalesce(channels.platform_conversion_value, 0) as platform_conversion_value,
        coalesce(attributed.net_sales_last_non_direct, 0) as net_sales_last_non_direct,
        coalesce(attributed.net_sales_data_driven, 0) as net_sales_data_driven,
        marginal_returns.marginal_roas,
        marginal_returns.marginal_roas_low,
        marginal_returns.marginal_roas_high,
        marginal_returns.gross_margin_rate
    from dated
    left join channels
        on
            dated.period_grain = channels.period_grain
            and dated.period_start = channels.period_start
            and dated.channel = channels.segment_value
    left join session_channels
        on
            dated.period_grain = session_channels.period_grain
            and dated.period_start = session_channels.period_start
            and dated.channel = session_channels.segment_value
    left join attributed
        on
            dated.period_grain = attributed.period_grain
            and dated.period_start = attributed.period_start
            and dated.channel = attributed.segment_value
    left join paybacks
        on
            dated.period_grain = paybacks.period_grain
            and dated.period_start = paybacks.period_start
            and dated.channel = paybacks.acquisition_channel
    left join marginal_returns
        on
            dated.last_week_start = marginal_returns.period_start
            and dated.channel = marginal_returns.channel

),

compared as (

    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        channel,
        cost,
        clicks,
        sessions,
        orders,
        new_customers,
        {{ divide('cost', 'new_customers') }} as cac,
        {{ divide('gross_margin_90d', 'customers_mature_90d') }} as clv_90d,
        {{ divide('gross_margin_365d', 'customers_mature_365d') }} as clv_365d,
        {{ divide('cohort_gross_margin_365d', 'cost') }} as ltv_to_cac,
        payback_days,
        payback_observed_days,
        {{ divide('platform_conversion_value', 'cost') }} as roas_platform,
        {{ divide('net_sales_last_non_direct', 'cost') }} as roas_last_click,
        {{ divide('net_sales_data_driven', 'cost') }} as roas_data_driven,
        marginal_roas,
        marginal_roas_low,
        marginal_roas_high,
        -- what marginal_roas has to be for the next euro to earn itself back on gross margin
        case when marginal_roas is not null then {{ divide('1', 'gross_margin_rate') }} end
            as break_even_roas,
        case
            when marginal_roas is null or gross_margin_rate is null then 'not_enough_data'
            when marginal_roas_low * gross_margin_rate > 1 then 'more'
            when marginal_roas_high * gross_margin_rate < 1 then 'less'
            else 'hold'
        end as recommended_move
    from measured

)

select * from compared
