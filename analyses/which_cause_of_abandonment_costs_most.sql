-- Which cause of abandoned carts costs most, and what was won back? The last twelve complete
-- months; the value still lost decides the order.
with

causes as (

    select * from {{ ref('cart_abandonment_causes') }}
    where
        period_grain = 'month'
        and segment_type = 'all'
        and is_complete_period

),

last_month as (

    select max(period_start) as period_start
    from causes

),

summed as (

    select
        causes.cause,
        sum(causes.carts) as carts,
        sum(causes.value) as value,
        sum(causes.recovered_carts) as recovered_carts,
        sum(causes.recovered_value) as recovered_value,
        {{ divide('sum(causes.mature_recovered_carts)', 'sum(causes.mature_carts)') }}
            as recovery_rate
    from causes
    inner join last_month
        on causes.period_start > last_month.period_start - interval '12' month
    group by causes.cause

),

ranked as (

    select
        cause,
        carts,
        {{ divide('carts', 'sum(carts) over ()') }} as share,
        value,
        recovered_carts,
        recovered_value,
        recovery_rate,
        value - recovered_value as value_lost
    from summed

)

select * from ranked
order by value_lost desc
