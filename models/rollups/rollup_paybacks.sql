{{ config(materialized='table') }}
{#- After how many days the customers whom a channel acquired in a period have earned what the
    channel cost in it, on gross margin. The curve is followed as far as every customer of the
    period has had the time, one year at most. -#}
{% set since_first_order = [
    seconds_between('customer_lifetimes.first_order_at', 'orders.ordered_at'),
    seconds_between('customer_lifetimes.first_order_at', 'sales_entries.booked_at'),
] %}
{% set horizon_days = 365 %}

with

customer_lifetimes as (

    select * from {{ ref('fct_customer_lifetimes') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}
    where
        entry_type in ('sale', 'refund')
        and gross_margin is not null

),

costs as (

    select * from {{ ref('rollup_marketing') }}
    where
        segment_type = 'acquisition_channel'
        and cost > 0

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

dated as (

    -- "Within N days: elapsed time, at most N x 24 hours": an entry of day N is the first to count
    -- within N days; a refund not before its order
    select
        customer_lifetimes.first_order_on,
        customer_lifetimes.acquisition_channel,
        cast(
            ceil(greatest(0, {{ since_first_order | join(', ') }}) / 86400) as integer
        ) as day_number,
        sales_entries.gross_margin
    from sales_entries
    inner join orders
        on sales_entries.order_id = orders.order_id
    inner join customer_lifetimes
        on sales_entries.customer_id = customer_lifetimes.customer_id

),

days_summed as (

    select
        first_order_on,
        acquisition_channel,
        day_number,
        sum(gross_margin) as gross_margin
    from dated
    where day_number <= {{ horizon_days }}
    group by first_order_on, acquisition_channel, day_number

),

periods_summed as (

    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] -%}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'first_order_on') }} as period_start,
        acquisition_channel,
        day_number,
        sum(gross_margin) as gross_margin
    from days_summed
    group by {{ first_day_of(grain, 'first_order_on') }}, acquisition_channel, day_number
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

observed as (

    select
        costs.period_grain,
        costs.period_start,
        costs.segment_value as acquisition_channel,
        costs.cost,
        least({{ horizon_days }}, {{ days_until('costs.period_end', 'as_of.as_of') }})
            as observed_days
    from costs
    cross join as_of
    where costs.is_complete_period

),

curves as (

    select
        observed.period_grain,
        observed.period_start,
        observed.acquisition_channel,
        observed.cost,
        observed.observed_days,
        periods_summed.day_number,
        sum(periods_summed.gross_margin) over (
            partition by
                observed.period_grain, observed.period_start, observed.acquisition_channel
            order by periods_summed.day_number
        ) as earned
    from observed
    left join periods_summed
        on
            observed.period_grain = periods_summed.period_grain
            and observed.period_start = periods_summed.period_start
            and observed.acquisition_channel = periods_summed.acquisition_channel
            and observed.observed_days >= periods_summed.day_number

),

marked as (

    -- later refunds may take back what was earned: paid back is from when it stays so
    select
        period_grain,
        period_start,
        acquisition_channel,
        cost,
        observed_days,
        day_number,
        earned,
        max(case when earned < cost then day_number end) over (
            partition by period_grain, period_start, acquisition_channel
        ) as last_short_day
    from curves

),

paid_back as (

    select
        period_grain,
        period_start,
        acquisition_channel,
        cost,
        observed_days,
        min(case when day_number > coalesce(last_short_day, -1) then day_number end)
            as payback_days
    from marked
    group by period_grain, period_start, acquisition_channel, cost, observed_days

)

select * from paid_back
