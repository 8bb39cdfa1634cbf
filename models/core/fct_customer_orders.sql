with

orders as (

    -- "a guest order (no customer_id) counts in order KPIs and in no customer KPI"
    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

customers as (

    select * from {{ ref('dim_customers') }}

),

sequenced as (

    select
        order_id,
        row_number() over one_customer as order_number,
        lag(ordered_at) over one_customer as previous_ordered_at,
        lead(ordered_at) over one_customer as next_ordered_at,
        lead(ordered_on) over one_customer as next_ordered_on
    from orders
    window one_customer as (
        partition by customer_id
        order by ordered_at, order_id
    )

),

described as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        cast(sequenced.order_number as bigint) as order_number,
        sequenced.order_number > 1 as is_repeat_order,
        {{ seconds_between('sequenced.previous_ordered_at', 'orders.ordered_at') }}
        / 86400 as days_since_previous_order,
        sequenced.next_ordered_at,
        sequenced.next_ordered_on,
        orders.channel,
        orders.device_type,
        orders.acquisition_channel,
        orders.acquisition_cohort,
        orders.rfm_segment,
        orders.customer_type,
        -- "`country_code`: of customer KPIs the customer's"
        customers.country_code,
        customers.zone,
        orders.sales_channel,
        orders.promotion,
        orders.shipping_fee,
        orders.net_sales
    from orders
    inner join sequenced
        on orders.order_id = sequenced.order_id
    inner join customers
        on orders.customer_id = customers.customer_id

)

select * from described
