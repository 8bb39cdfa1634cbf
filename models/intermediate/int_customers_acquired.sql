with

customers as (

    select * from {{ ref('int_customers_ordered') }}

),

touches as (

    select * from {{ ref('int_order_touches') }}

),

last_touches as (

    -- "last non-direct touch within 30 days up to the first order, `direct` if only direct touches"
    select
        customers.customer_id,
        touches.session_id,
        touches.channel,
        row_number() over (
            partition by customers.customer_id
            order by
                case when touches.channel = 'direct' then 1 else 0 end,
                touches.touch_at desc,
                touches.session_id desc
        ) as touch_number
    from customers
    inner join touches
        on customers.first_order_id = touches.order_id

),

acquired as (

    select
        customers.customer_id,
        last_touches.session_id as acquisition_session_id,
        coalesce(last_touches.channel, 'unknown') as acquisition_channel,
        {{ cohort_of('customers.first_order_on') }} as acquisition_cohort
    from customers
    left join last_touches
        on
            customers.customer_id = last_touches.customer_id
            and last_touches.touch_number = 1

)

select * from acquired
