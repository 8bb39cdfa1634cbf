-- Cohort sizes add up to new customers, a month's active customers over all cohorts are
-- active_customers, cumulative columns are the sum of their months, segments add up to `all`, and
-- all months of all cohorts hold every sale and refund of customers up to as_of's month.
with

cohorts as (

    select * from {{ ref('customer_cohorts') }}

),

as_of as (

    select {{ first_day_of('month', 'as_of') }} as as_of_month
    from {{ ref('int_as_of') }}

),

sizes as (

    select
        cohort_month as period_start,
        segment_type,
        segment_value,
        cohort_size as customers
    from cohorts
    where month_number = 0

),

new_customers as (

    select
        rollup_customers.period_start,
        rollup_customers.segment_type,
        rollup_customers.segment_value,
        rollup_customers.new_customers as customers
    from {{ ref('rollup_customers') }} as rollup_customers
    cross join as_of
    where
        rollup_customers.period_grain = 'month'
        and rollup_customers.segment_type in ('all', 'acquisition_channel', 'country_code', 'zone')
        and rollup_customers.period_start <= as_of.as_of_month

),

active_by_cohort as (

    select
        cast(cohort_month + month_number * interval '1' month as date) as period_start,
        segment_type,
        segment_value,
        sum(active_customers) as customers
    from cohorts
    group by
        cast(cohort_month + month_number * interval '1' month as date),
        segment_type,
        segment_value
    having sum(active_customers) > 0

),

active_customers as (

    select
        rollup_orders.period_start,
        rollup_orders.segment_type,
        rollup_orders.segment_value,
        rollup_orders.active_customers as customers
    from {{ ref('rollup_customer_orders') }} as rollup_orders
    cross join as_of
    where
        rollup_orders.period_grain = 'month'
        and rollup_orders.segment_type in ('all', 'acquisition_channel', 'country_code', 'zone')
        and rollup_orders.period_start <= as_of.as_of_month

),

accumulated as (

    select
        cohort_month,
        segment_type,
        segment_value,
        cumulative_net_revenue,
        cumulative_gross_margin,
        sum(net_revenue) over so_far as net_revenue_so_far,
        sum(gross_margin) over so_far as gross_margin_so_far
    from cohorts
    window so_far as (
        partition by cohort_month, segment_type, segment_value
        order by month_number
    )

),

totals as (

    select
        cohort_month,
        month_number,
        segment_type,
        sum(cohort_size) as cohort_size,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from cohorts
    group by cohort_month, month_number, segment_type

),

money as (

    select
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from cohorts
    where segment_type = 'all'

),

money_of_customers as (

    select
        sum(rollup_sales.net_revenue) as net_revenue,
        sum(rollup_sales.gross_margin) as gross_margin
    from {{ ref('rollup_sales') }} as rollup_sales
    cross join as_of
    where
        rollup_sales.period_grain = 'month'
        and rollup_sales.segment_type = 'customer_type'
        and rollup_sales.segment_value <> 'guest'
        and rollup_sales.period_start <= as_of.as_of_month

)

select 'cohort sizes are new customers' as law
from sizes
full outer join new_customers
    on
        sizes.period_start = new_customers.period_start
        and sizes.segment_type = new_customers.segment_type
        and sizes.segment_value = new_customers.segment_value
where sizes.customers is distinct from new_customers.customers

union all

select 'active customers of all cohorts are active_customers' as law
from active_by_cohort
full outer join active_customers
    on
        active_by_cohort.period_start = active_customers.period_start
        and active_by_cohort.segment_type = active_customers.segment_type
        and active_by_cohort.segment_value = active_customers.segment_value
where active_by_cohort.customers is distinct from active_customers.customers

union all

select 'cumulative columns are the sum of their months' as law
from accumulated
where
    cumulative_net_revenue is distinct from net_revenue_so_far
    or cumulative_gross_margin is distinct from gross_margin_so_far

union all

select 'segments add up to all' as law
from totals
inner join totals as wholes
    on
        totals.cohort_month = wholes.cohort_month
        and totals.month_number = wholes.month_number
        and wholes.segment_type = 'all'
where
    totals.cohort_size is distinct from wholes.cohort_size
    or totals.orders is distinct from wholes.orders
    or totals.net_revenue is distinct from wholes.net_revenue
    or coalesce(totals.gross_margin, 0) <> coalesce(wholes.gross_margin, 0)

union all

select 'cohorts hold all money of customers' as law
from money
cross join money_of_customers
where
    coalesce(money.net_revenue, 0) <> coalesce(money_of_customers.net_revenue, 0)
    or coalesce(money.gross_margin, 0) <> coalesce(money_of_customers.gross_margin, 0)
