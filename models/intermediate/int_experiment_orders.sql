{#- The orders of the visitors of an experiment: those that count (`during`), and those shortly
    before the visitor was assigned (`before`), by which CUPED adjusts. -#}
with

visitors as (

    select * from {{ ref('int_experiment_visitors') }}
    where not is_excluded

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

orders as (

    select * from {{ ref('int_orders_valued') }}
    where is_valid_order

),

-- "orders whose session is the visitor's"
orders_placed as (

    select
        orders.order_id,
        sessions.visitor_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.net_sales
    from orders
    inner join sessions
        on orders.session_id = sessions.session_id

),

matched as (

    select
        visitors.experiment_id,
        visitors.visitor_id,
        orders_placed.order_id,
        orders_placed.ordered_at,
        orders_placed.ordered_on,
        orders_placed.net_sales,
        case
            when orders_placed.ordered_at >= visitors.assigned_at then 'during'
            else 'before'
        end as moment
    from visitors
    inner join orders_placed
        on
            visitors.visitor_id = orders_placed.visitor_id
            and visitors.last_on >= orders_placed.ordered_on
            and visitors.assigned_at
            <= {{ plus_days('orders_placed.ordered_at', var('experiment_pre_period_days')) }}

)

select * from matched
