{#- Orders seen from the customer: who bought in the period, who of them not for the first time,
    and how long after the order before. -#}
with

booked as (

    select
        *,
        ordered_on as booked_on
    from {{ ref('fct_customer_orders') }}

),

{{ rollup(
    'booked',
    segments=segment_set('order'),
    measures={
        'orders': 'count(*)',
        'gaps': 'count(days_since_previous_order)',
    },
    counted='customer_id',
    counts={'active_customers': 'true', 'returning_customers': 'is_repeat_order'},
    percentiles={'median_days_between_orders': ('days_since_previous_order', 0.5)},
) }}

select * from rolled_up
