-- At the end of every month: orders that wait and orders shipped are the orders paid until then.
with

orders as (

    select * from {{ ref('fct_order_fulfilment') }}
    where is_valid_order

),

backlog as (

    select * from {{ ref('rollup_backlog') }}
    where
        period_grain = 'month'
        and segment_type = 'all'

),

months as (

    select
        period_start,
        {{ last_day_of("'month'", 'period_start') }} as period_end
    from (
        select {{ first_day_of('month', 'released_for_shipping_on') }} as period_start
        from orders
    ) as paid_months
    group by period_start

),

counted as (

    select
        months.period_start,
        count(*) as orders_paid,
        count(case when orders.last_shipped_on <= months.period_end then 1 end) as orders_shipped
    from months
    inner join orders
        on months.period_end >= orders.released_for_shipping_on
    group by months.period_start

),

compared as (

    select
        counted.period_start,
        counted.orders_paid,
        counted.orders_shipped,
        coalesce(backlog.backlog_orders, 0) as orders_open
    from counted
    cross join {{ ref('int_as_of') }} as as_of
    left join backlog
        on counted.period_start = backlog.period_start
    where
        counted.period_start <= as_of.as_of
        and (select count(*) from {{ ref('stg_shipments') }}) > 0

)

select * from compared
where orders_open + orders_shipped is distinct from orders_paid
