{#- What each month's new customers did in every month since. -#}
{% set segments = {
    'all': "'all'",
    'acquisition_channel': 'lifetimes.acquisition_channel',
    'country_code': 'lifetimes.country_code',
    'zone': 'lifetimes.zone',
} %}

with

lifetimes as (

    select * from {{ ref('fct_customer_lifetimes') }}

),

customer_orders as (

    select * from {{ ref('fct_customer_orders') }}

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}
    where
        entry_type in ('sale', 'refund')
        and customer_id is not null

),

as_of as (

    select
        as_of,
        {{ first_day_of('month', 'as_of') }} as as_of_month
    from {{ ref('int_as_of') }}

),

-- "cohorts up to as_of's month"; a customer is there once for each segment type
customers as (

    {% for type, column in segments.items() -%}
    select
        lifetimes.customer_id,
        '{{ type }}' as segment_type,
        coalesce({{ column }}, 'unknown') as segment_value,
        {{ first_day_of('month', 'lifetimes.first_order_on') }} as cohort_month
    from lifetimes
    cross join as_of
    where {{ first_day_of('month', 'lifetimes.first_order_on') }} <= as_of.as_of_month
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- "refunds in the month they are made"
activity as (

    select
        customer_id,
        {{ first_day_of('month', 'ordered_on') }} as activity_month,
        count(*) as orders,
        0 as entries,
        null as net_revenue,
        null as gross_margin
    from customer_orders
    group by customer_id, {{ first_day_of('month', 'ordered_on') }}

    union all

    select
        customer_id,
        {{ first_day_of('month', 'booked_on') }} as activity_month,
        0 as orders,
        count(*) as entries,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from sales_entries
    group by customer_id, {{ first_day_of('month', 'booked_on') }}

),

aged as (

    select
        customers.customer_id,
        customers.cohort_month,
        customers.segment_type,
        customers.segment_value,
        -- a refund dated before its order (a wrong clock) still lowers the cohort: in its first
        -- month
        greatest(
            {{ months_until('customers.cohort_month', 'activity.activity_month') }}, 0
        ) as month_number,
        activity.orders,
        activity.entries,
        activity.net_revenue,
        activity.gross_margin
    from customers
    inner join activity
        on customers.customer_id = activity.customer_id
    cross join as_of
    where activity.activity_month <= as_of.as_of_month

),

sized as (

    select
        cohort_month,
        segment_type,
        segment_value,
        count(*) as cohort_size
    from customers
    group by cohort_month, segment_type, segment_value

),

summed as (

    select
        cohort_month,
        segment_type,
        segment_value,
        month_number,
        count(distinct case when orders > 0 then customer_id end) as active_customers,
        sum(orders) as orders,
        sum(entries) as entries,
        sum(net_revenue) as net_revenue,
        sum(gross_margin) as gross_margin
    from aged
    group by cohort_month, segment_type, segment_value, month_number

),

first_months as (

    select
        as_of.as_of,
        min(customers.cohort_month) as first_month
    from customers
    cross join as_of
    group by as_of.as_of

),

days as (

    select {{ days_between('first_month', 'as_of') }} as date_day
    from first_months

),

months as (

    select {{ first_day_of('month', 'date_day') }} as calendar_month
    from days
    group by {{ first_day_of('month', 'date_day') }}

),

-- "Months no customer of the cohort bought in stay as zero rows."
completed as (

    select
        sized.cohort_month,
        sized.segment_type,
        sized.segment_value,
        {{ months_until('sized.cohort_month', 'months.calendar_month') }} as month_number,
        sized.cohort_size,
        {{ last_day_of("'month'", 'months.calendar_month') }} <= as_of.as_of as is_complete
    from sized
    inner join months
        on sized.cohort_month <= months.calendar_month
    cross join as_of

),

measured as (

    select
        completed.cohort_month,
        completed.segment_type,
        completed.segment_value,
        completed.month_number,
        completed.cohort_size,
        coalesce(summed.active_customers, 0) as active_customers,
        coalesce(summed.orders, 0) as orders,
        coalesce(summed.net_revenue, 0) as net_revenue,
        -- a month in which nothing happened has a margin of zero if margins are known at all
        case
            when summed.gross_margin is not null then summed.gross_margin
            when
                coalesce(summed.entries, 0) = 0
                and count(summed.gross_margin) over (
                    partition by
                        completed.cohort_month, completed.segment_type, completed.segment_value
                ) > 0
                then 0
        end as gross_margin,
        completed.is_complete
    from completed
    left join summed
        on
            completed.cohort_month = summed.cohort_month
            and completed.segment_type = summed.segment_type
            and completed.segment_value = summed.segment_value
            and completed.month_number = summed.month_number

),

accumulated as (

    select
        *,
        sum(net_revenue) over so_far as cumulative_net_revenue,
        sum(gross_margin) over so_far as cumulative_gross_margin
    from measured
    window so_far as (
        partition by cohort_month, segment_type, segment_value
        order by month_number
    )

),

described as (

    select
        cohort_month,
        segment_type,
        segment_value,
        month_number,
        cohort_size,
        active_customers,
        {{ divide('active_customers', 'cohort_size') }} as retention_rate,
        cast(orders as bigint) as orders,
        cast(net_revenue as {{ type_money() }}) as net_revenue,
        cast(gross_margin as {{ type_money() }}) as gross_margin,
        cast(cumulative_net_revenue as {{ type_money() }}) as cumulative_net_revenue,
        cast(cumulative_gross_margin as {{ type_money() }}) as cumulative_gross_margin,
        {{ divide('cumulative_net_revenue', 'cohort_size') }}
            as cumulative_net_revenue_per_customer,
        {{ divide('cumulative_gross_margin', 'cohort_size') }}
            as cumulative_gross_margin_per_customer,
        is_complete
    from accumulated

)

select * from described
