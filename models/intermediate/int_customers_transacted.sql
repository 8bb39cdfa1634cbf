{#- What the lifetime models need of each customer, up to as_of: "one transaction per customer and
    day; x repeat days; t_x and T from the first order's day to the last one's and to as_of". The
    same again up to a cut before as_of (calibration), and what came after it (hold-out). -#}
with

orders as (

    select * from {{ ref('int_orders_valued') }}
    where
        is_valid_order
        and customer_id is not null

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

customer_days as (

    select
        orders.customer_id,
        orders.ordered_on,
        min(orders.ordered_on) over (partition by orders.customer_id) as first_on,
        sum(orders.net_sales) as net_sales
    from orders
    cross join as_of
    where orders.ordered_on <= as_of.as_of
    group by orders.customer_id, orders.ordered_on

),

spans as (

    -- a year is held out where there are two, else half of what there is
    select
        as_of.as_of,
        cast(least(
            365, floor({{ days_until('min(customer_days.first_on)', 'as_of.as_of') }} / 2.0)
        ) as integer) as holdout_days
    from customer_days
    cross join as_of
    group by as_of.as_of

),

cut as (

    select
        as_of,
        holdout_days,
        as_of - holdout_days as calibrated_on
    from spans

),

summed as (

    select
        customer_days.customer_id,
        count(*) - 1 as repeat_days,
        {{ days_until('min(customer_days.first_on)', 'max(customer_days.ordered_on)') }}
            as recency_days,
        {{ days_until('min(customer_days.first_on)', 'min(cut.as_of)') }} as age_days,
        sum(
            case
                when customer_days.ordered_on > customer_days.first_on then customer_days.net_sales
            end
        ) as repeat_net_sales,
        count(case when customer_days.ordered_on <= cut.calibrated_on then 1 end) - 1
            as calibration_repeat_days,
        {{ days_until(
            'min(customer_days.first_on)',
            'max(case when customer_days.ordered_on <= cut.calibrated_on then customer_days.ordered_on end)',
        ) }} as calibration_recency_days,
        {{ days_until('min(customer_days.first_on)', 'min(cut.calibrated_on)') }}
            as calibration_age_days,
        sum(
            case
                when
                    customer_days.ordered_on > customer_days.first_on
                    and customer_days.ordered_on <= cut.calibrated_on
                    then customer_days.net_sales
            end
        ) as calibration_repeat_net_sales,
        count(case when customer_days.ordered_on > cut.calibrated_on then 1 end)
            as holdout_repeat_days,
        sum(
            case
                when customer_days.ordered_on > cut.calibrated_on then customer_days.net_sales
            end
        ) as holdout_net_sales,
        min(cut.holdout_days) as holdout_days,
        min(customer_days.first_on) <= min(cut.calibrated_on) as is_calibrated
    from customer_days
    cross join cut
    group by customer_days.customer_id

),

described as (

    select
        customer_id,
        repeat_days,
        recency_days,
        age_days,
        {{ divide('repeat_net_sales', 'repeat_days') }} as mean_repeat_net_sales,
        {% for column in [
            'repeat_days', 'recency_days', 'age_days',
        ] -%}
        case when is_calibrated then calibration_{{ column }} end as calibration_{{ column }},
        {% endfor -%}
        case
            when is_calibrated
                then {{ divide('calibration_repeat_net_sales', 'calibration_repeat_days') }}
        end as calibration_mean_repeat_net_sales,
        case when is_calibrated then holdout_repeat_days end as holdout_repeat_days,
        case
            when is_calibrated then cast(coalesce(holdout_net_sales, 0) as {{ type_double() }})
        end as holdout_net_sales,
        holdout_days
    from summed

)

select * from described
