with

sessions as (

    select * from {{ ref('stg_sessions') }}

),

identified as (

    -- "the customer of its visitor if that visitor is ever known as exactly one customer;
    -- else to none"
    select
        visitor_id,
        min(customer_id) as customer_id
    from sessions
    where
        not is_bot
        and customer_id is not null
    group by visitor_id
    having count(distinct customer_id) = 1

)

select * from identified
