-- Where would the next 1,000 EUR do most? Channels by what one more euro went with over the last 52
-- weeks. Take a move only where the whole interval says so; "hold" is not proof that a channel is
-- right as it is, but that its own history cannot tell. A hold-out can (docs/decisions.md).
with

latest as (

    select
        *,
        max(period_start) over () as last_week
    from {{ ref('channel_performance') }}
    where
        period_grain = 'week'
        and is_complete_period

),

ranked as (

    select
        channel,
        recommended_move,
        round(1000 * marginal_roas) as net_sales_of_next_1000,
        round(1000 * marginal_roas_low) as at_least,
        round(1000 * marginal_roas_high) as at_most,
        round(1000 * marginal_roas / break_even_roas) as gross_margin_of_next_1000,
        round(break_even_roas, 2) as break_even_roas
    from latest
    where
        period_start = last_week
        and marginal_roas is not null
    order by
        case recommended_move when 'more' then 1 when 'hold' then 2 else 3 end,
        marginal_roas_low desc

)

select * from ranked
