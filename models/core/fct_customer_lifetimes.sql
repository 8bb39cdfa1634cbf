with

customers as (

    select * from {{ ref('dim_customers') }}
    where first_order_id is not null

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}
    where entry_type in ('sale', 'refund')

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

orders_numbered as (

    select
        customer_id,
        ordered_at,
        row_number() over (
            partition by customer_id
            order by ordered_at, order_id
        ) as order_number
    from orders

),

second_orders as (

    select
        customer_id,
        ordered_at as second_order_at
    from orders_numbered
    where order_number = 2

),

-- "Within N days: elapsed time, at most N x 24 hours, both ends included; a refund counts in an
-- N-day value when it is made within the same N days", and its order was placed within them
margins as (

    select
        sales_entries.customer_id,
        sum(
            case
                when
                    orders.ordered_at <= {{ plus_days('customers.first_order_at', 90) }}
                    and sales_entries.booked_at <= {{ plus_days('customers.first_order_at', 90) }}
                    then sales_entries.gross_margin
            end
        ) as gross_margin_90d,
        sum(
            case
                when
                    orders.ordered_at <= {{ plus_days('customers.first_order_at', 365) }}
                    and sales_entries.booked_at <= {{ plus_days('customers.first_order_at', 365) }}
                    then sales_entries.gross_margin
            end
        ) as gross_margin_365d
    from sales_entries
    inner join orders
        on sales_entries.order_id = orders.order_id
    inner join customers
        on sales_entries.customer_id = customers.customer_id
    group by sales_entries.customer_id

),

described as (

    select
        customers.customer_id,
        customers.first_order_at,
        customers.first_order_on,
        customers.acquisition_channel,
        customers.acquisition_cohort,
        customers.country_code,
        customers.zone,
        customers.rfm_segment,
        customers.last_order_on,
        second_orders.second_order_at,
        {% for days in [30, 90, 365] -%}
        -- "the first order's day <= as_of - N days"
        customers.first_order_on
        <= cast({{ plus_days('as_of.as_of', -days) }} as date) as is_mature_{{ days }}d,
        coalesce(
            second_orders.second_order_at <= {{ plus_days('customers.first_order_at', days) }},
            false
        ) as is_repeat_{{ days }}d,
        {% endfor -%}
        cast(margins.gross_margin_90d as {{ type_money() }}) as gross_margin_90d,
        cast(margins.gross_margin_365d as {{ type_money() }}) as gross_margin_365d
    from customers
    left join second_orders
        on customers.customer_id = second_orders.customer_id
    left join margins
        on customers.customer_id = margins.customer_id
    cross join as_of

)

select * from described
