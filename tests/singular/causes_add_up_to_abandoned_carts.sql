-- "causes add up to all abandoned carts", in number and in value, in every period and segment;
-- carts = bought + abandoned, as cart_abandonment_rate counts them
with

carts as (

    select * from {{ ref('rollup_carts') }}
    where carts_abandoned > 0

),

sessions as (

    select * from {{ ref('rollup_sessions') }}

),

causes as (

    select
        period_grain,
        period_start,
        segment_type,
        segment_value,
        sum(carts) as carts,
        sum(value) as cart_value,
        sum(recovered_carts) as recovered_carts
    from {{ ref('cart_abandonment_causes') }}
    group by period_grain, period_start, segment_type, segment_value

)

select
    coalesce(carts.period_grain, causes.period_grain) as period_grain,
    coalesce(carts.period_start, causes.period_start) as period_start,
    coalesce(carts.segment_type, causes.segment_type) as segment_type,
    coalesce(carts.segment_value, causes.segment_value) as segment_value
from carts
full outer join causes
    on
        carts.period_grain = causes.period_grain
        and carts.period_start = causes.period_start
        and carts.segment_type = causes.segment_type
        and carts.segment_value = causes.segment_value
left join sessions
    on
        carts.period_grain = sessions.period_grain
        and carts.period_start = sessions.period_start
        and carts.segment_type = sessions.segment_type
        and carts.segment_value = sessions.segment_value
where
    carts.carts_abandoned is distinct from causes.carts
    or carts.abandoned_value is distinct from causes.cart_value
    or carts.carts_recovered is distinct from causes.recovered_carts
    or carts.carts is distinct from sessions.sessions_with_cart
