-- Whom to reactivate this week, and why? Customers whose reactivation fell due in the last seven
-- days: four of five customers who come back after as many orders would have been back by now.
-- First those of whom most is expected.
with

customer_values as (

    select * from {{ ref('customer_values') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    customer_values.customer_id,
    customer_values.rfm_segment,
    customer_values.orders,
    customer_values.recency_days,
    customer_values.next_order_expected_on,
    customer_values.reactivation_due_on,
    customer_values.average_order_value,
    customer_values.probability_order_365d,
    customer_values.expected_value_365d,
    concat(
        'after order ',
        cast(customer_values.orders as {{ type_text() }}),
        ' half of those who come back do so by ',
        cast(customer_values.next_order_expected_on as {{ type_text() }}),
        ', four of five by ',
        cast(customer_values.reactivation_due_on as {{ type_text() }})
    ) as why
from customer_values
cross join as_of
where
    customer_values.is_reactivation_due
    and customer_values.reactivation_due_on > cast({{ plus_days('as_of.as_of', -7) }} as date)
order by
    customer_values.expected_value_365d desc nulls last,
    customer_values.average_order_value desc,
    customer_values.customer_id asc
