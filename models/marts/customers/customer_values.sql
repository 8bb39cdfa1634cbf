{#- The recalibration table for the CRM: what each customer has brought, is expected to bring, and
    when the next order is due. -#}
with

customers as (

    select * from {{ ref('dim_customers') }}
    where first_order_id is not null

),

forecasts as (

    select * from {{ ref('fct_customer_forecasts') }}

),

customer_orders as (

    select * from {{ ref('fct_customer_orders') }}

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}
    where entry_type in ('sale', 'refund')

),

intervals as (

    select * from {{ ref('repurchase_intervals') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

orders_summed as (

    select
        customer_id,
        sum(net_sales) as net_sales
    from customer_orders
    group by customer_id

),

entries_summed as (

    select
        customer_id,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from sales_entries
    where customer_id is not null
    group by customer_id

),

-- "condition on order number"; from 30 waits that are over, else those of every order
every_wait as (

    select
        due_days,
        overdue_days
    from intervals
    where segment_type = 'all'

),

waits_by_order_number as (

    select
        segment_value as order_number,
        due_days,
        overdue_days
    from intervals
    where
        segment_type = 'order_number'
        and gaps >= 30

),

waiting as (

    select
        customers.customer_id,
        coalesce(waits_by_order_number.due_days, every_wait.due_days) as due_days,
        coalesce(waits_by_order_number.overdue_days, every_wait.overdue_days) as overdue_days
    from customers
    left join every_wait
        on customers.orders > 0
    left join waits_by_order_number
        on
            case
                when customers.orders < 6 then cast(customers.orders as {{ type_text() }})
                else '6+'
            end
            = waits_by_order_number.order_number

),

described as (

    select
        customers.customer_id,
        customers.acquisition_cohort,
        customers.acquisition_channel,
        customers.country_code,
        customers.zone,
        customers.first_order_at,
        customers.last_order_at,
        customers.orders,
        customers.orders - 1 as repeat_orders,
        customers.recency_days,
        {{ days_until('customers.first_order_on', 'as_of.as_of') }} as age_days,
        cast(coalesce(entries_summed.net_revenue, 0) as {{ type_money() }}) as net_revenue,
        cast(entries_summed.gross_margin as {{ type_money() }}) as gross_margin,
        {{ divide('orders_summed.net_sales', 'customers.orders') }} as average_order_value,
        customers.rfm_recency,
        customers.rfm_frequency,
        customers.rfm_monetary,
        customers.rfm_segment,
        forecasts.probability_alive,
        forecasts.probability_order_365d,
        forecasts.expected_orders_365d,
        forecasts.expected_order_value,
        forecasts.expected_net_sales_365d,
        forecasts.expected_value_365d,
        customers.last_order_on + cast(waiting.due_days as integer) as next_order_expected_on,
        customers.last_order_on + cast(waiting.overdue_days as integer) as reactivation_due_on,
        coalesce(
            customers.last_order_on + cast(waiting.overdue_days as integer) <= as_of.as_of, false
        ) as is_reactivation_due
    from customers
    inner join orders_summed
        on customers.customer_id = orders_summed.customer_id
    inner join waiting
        on customers.customer_id = waiting.customer_id
    left join entries_summed
        on customers.customer_id = entries_summed.customer_id
    left join forecasts
        on customers.customer_id = forecasts.customer_id
    cross join as_of

)

select * from described
