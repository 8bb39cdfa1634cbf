-- Which channel lives off others' work? One that last click credits with far more than first touch
-- does closes what others opened (first_over_last below 1); one above 1 opens. The data-driven
-- model stands beside them, with what the platforms claim against it. It favours channels that are
-- in many journeys, as a removal effect grows with them: compare channels of like size. All of it
-- is attributed: what would have been bought anyway is not taken off.
with

credits as (

    select
        channel,
        sum(case when model = 'first_touch' then net_sales end) as first_touch,
        sum(case when model = 'last_non_direct' then net_sales end) as last_click,
        sum(case when model = 'data_driven' then net_sales end) as data_driven,
        sum(case when model = 'data_driven' then cost end) as cost
    from {{ ref('channel_attribution') }}
    where
        period_grain = 'year'
        and channel not in ('unknown', 'direct')
    group by channel

),

claims as (

    select
        channel,
        sum(roas_platform * cost) as claimed
    from {{ ref('channel_performance') }}
    where period_grain = 'year'
    group by channel

),

compared as (

    select
        credits.channel,
        round(credits.first_touch) as first_touch,
        round(credits.last_click) as last_click,
        round(credits.data_driven) as data_driven,
        round(credits.last_click / nullif(credits.data_driven, 0), 2) as last_over_data_driven,
        round(credits.first_touch / nullif(credits.last_click, 0), 2) as first_over_last,
        round(claims.claimed / nullif(credits.data_driven, 0), 2) as claim_over_data_driven,
        round(credits.cost) as cost
    from credits
    left join claims
        on credits.channel = claims.channel
    order by first_over_last

)

select * from compared
