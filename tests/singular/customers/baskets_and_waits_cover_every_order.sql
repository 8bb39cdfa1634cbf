-- The levels of each lever hold every valid order of every period; every order of a customer starts
-- one wait, over or open; every customer with a valid order is in customer_values once, and their
-- expected value is that of the KPI; the indices of a season average 1.
with

as_of as (

    select * from {{ ref('int_as_of') }}

),

baskets as (

    select
        lever,
        period_grain,
        period_start,
        sum(orders) as orders,
        sum(orders * average_order_value) as net_sales
    from {{ ref('basket_impact') }}
    group by lever, period_grain, period_start

),

levers as (

    select 'promotion' as lever
    union all
    select 'shipping_fee' as lever

),

orders as (

    select
        levers.lever,
        rollup_orders.period_grain,
        rollup_orders.period_start,
        rollup_orders.orders,
        cast(rollup_orders.net_sales as {{ type_double() }}) as net_sales
    from {{ ref('rollup_orders') }} as rollup_orders
    cross join levers
    where rollup_orders.segment_type = 'all'

),

waits as (

    select
        segment_type,
        sum(gaps + open_waits) as waits
    from {{ ref('repurchase_intervals') }}
    where segment_type <> 'category'
    group by segment_type

),

customer_orders as (

    select count(*) as waits
    from {{ ref('fct_customer_orders') }} as fct_customer_orders
    cross join as_of
    where fct_customer_orders.ordered_on <= as_of.as_of

),

customer_values as (

    select
        count(*) as customers,
        sum(orders) as orders,
        sum(expected_value_365d) as expected_value
    from {{ ref('customer_values') }}

),

rolled_up as (

    select
        sum(new_customers) as customers,
        sum(expected_value_365d) as expected_value
    from {{ ref('rollup_customers') }}
    where
        period_grain = 'year'
        and segment_type = 'rfm_segment'

),

every_order as (

    select sum(orders) as orders
    from {{ ref('rollup_customer_orders') }}
    where
        period_grain = 'year'
        and segment_type = 'all'

),

seasons as (

    select
        kpi,
        season,
        avg(index) as average_index,
        count(*) as positions
    from {{ ref('seasonality') }}
    group by kpi, season

)

select 'levels hold every order' as law
from baskets
full outer join orders
    on
        baskets.lever = orders.lever
        and baskets.period_grain = orders.period_grain
        and baskets.period_start = orders.period_start
where
    baskets.orders is distinct from orders.orders
    or abs(baskets.net_sales - orders.net_sales) > 1e-9 * greatest(1, orders.net_sales)

union all

select 'every order starts one wait' as law
from waits
cross join customer_orders
where waits.waits <> customer_orders.waits

union all

select 'every customer has one value' as law
from customer_values
cross join rolled_up
cross join every_order
where
    customer_values.customers <> coalesce(rolled_up.customers, 0)
    or coalesce(customer_values.orders, 0) <> coalesce(every_order.orders, 0)
    or (customer_values.expected_value is null) <> (rolled_up.expected_value is null)
    or abs(customer_values.expected_value - rolled_up.expected_value)
    > 1e-9 * greatest(1, abs(rolled_up.expected_value))

union all

select 'indices average 1' as law
from seasons
where
    abs(average_index - 1) > 1e-9
    or positions <> case season when 'day_of_week' then 7 else 12 end
