{{ config(materialized='table') }}
{#- What one more euro in a channel went with, from the channel's own history: the slope of weekly
    net sales credited by the data-driven model on weekly cost, both less their straight trend, over
    the 52 complete weeks up to each week (least squares; interval by Student's t). Null where there
    is not enough of it: under 26 weeks with spend, or a spend that stays within 5 % of its
    trend. -#}
{% set weeks = 52 %}
{% set enough_weeks = 26 %}
{% set enough_variation = 0.05 %}

with

channel_weeks as (

    select * from {{ ref('rollup_attribution') }}
    where
        period_grain = 'week'
        and segment_type = 'channel'
        and is_complete_period

),

sales as (

    select * from {{ ref('rollup_sales') }}
    where
        period_grain = 'week'
        and segment_type = 'all'
        and is_complete_period

),

all_weeks as (

    select
        period_start,
        row_number() over (order by period_start) as week_number
    from channel_weeks
    group by period_start

),

spending_channels as (

    select segment_value as channel
    from channel_weeks
    where cost > 0
    group by segment_value

),

filled as (

    -- a week without spend or sales is a week of zero
    select
        spending_channels.channel,
        all_weeks.period_start,
        cast(all_weeks.week_number as {{ type_double() }}) as week_number,
        cast(coalesce(channel_weeks.cost, 0) as {{ type_double() }}) as cost,
        coalesce(channel_weeks.net_sales_data_driven, 0) as net_sales,
        sales.gross_margin,
        sales.costed_net_revenue
    from all_weeks
    cross join spending_channels
    left join channel_weeks
        on
            all_weeks.period_start = channel_weeks.period_start
            and spending_channels.channel = channel_weeks.segment_value
    left join sales
        on all_weeks.period_start = sales.period_start

),

moments as (

    select
        channel,
        period_start,
        count(*) over past as weeks,
        sum(case when cost > 0 then 1 else 0 end) over past as weeks_with_spend,
        avg(cost) over past as mean_cost,
        var_pop(week_number) over past as week_variance,
        var_pop(cost) over past as cost_variance,
        var_pop(net_sales) over past as sales_variance,
        covar_pop(cost, net_sales) over past as cost_sales,
        covar_pop(cost, week_number) over past as cost_week,
        covar_pop(net_sales, week_number) over past as sales_week,
        sum(gross_margin) over past as gross_margin,
        sum(costed_net_revenue) over past as costed_net_revenue
    from filled
    window past as (
        partition by channel
        order by period_start
        rows between {{ weeks - 1 }} preceding and current row
    )

),

detrended as (

    select
        channel,
        period_start,
        weeks,
        weeks_with_spend,
        mean_cost,
        cost_variance - coalesce({{ divide('cost_week * cost_week', 'week_variance') }}, 0)
            as cost_variance,
        sales_variance - coalesce({{ divide('sales_week * sales_week', 'week_variance') }}, 0)
            as sales_variance,
        cost_sales - coalesce({{ divide('cost_week * sales_week', 'week_variance') }}, 0)
            as cost_sales,
        {{ divide('gross_margin', 'costed_net_revenue') }} as gross_margin_rate
    from moments

),

-- dear, and few: one a number of weeks
quantiles as (

    select
        weeks,
        -- the linter does not know DuckDB's lambda functions
        {{ student_quantile('weeks - 3') }} as quantile -- noqa
    from detrended
    group by weeks

),

sloped as (

    select
        detrended.channel,
        detrended.period_start,
        detrended.weeks,
        detrended.weeks_with_spend,
        detrended.gross_margin_rate,
        case
            when
                detrended.weeks_with_spend >= {{ enough_weeks }}
                and sqrt(greatest(detrended.cost_variance, 0))
                >= {{ enough_variation }} * detrended.mean_cost
                then {{ divide('detrended.cost_sales', 'detrended.cost_variance') }}
        end as marginal_roas,
        quantiles.quantile * sqrt(greatest(
            0,
            {{ divide(
                'detrended.sales_variance - '
                ~ divide('detrended.cost_sales * detrended.cost_sales', 'detrended.cost_variance'),
                '(detrended.weeks - 3) * detrended.cost_variance',
            ) }}
        )) as margin_of_error
    from detrended
    inner join quantiles
        on detrended.weeks = quantiles.weeks

),

bounded as (

    select
        channel,
        period_start,
        weeks,
        weeks_with_spend,
        gross_margin_rate,
        marginal_roas,
        case when marginal_roas is not null then marginal_roas - margin_of_error end
            as marginal_roas_low,
        case when marginal_roas is not null then marginal_roas + margin_of_error end
            as marginal_roas_high
    from sloped

)

select * from bounded
