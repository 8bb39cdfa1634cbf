with

channel_chain as (

    select * from {{ ref('int_channel_chain') }}

),

described as (

    select
        channel,
        cast(touches as bigint) as touches,
        removal_effect,
        credit_share,
        -- "orders_credited = that share of all orders (the classical totals)"
        credit_share * conversions as orders_credited,
        value_removal_effect,
        value_credit_share,
        value_credit_share * conversion_value as net_sales_credited
    from channel_chain

)

select * from described
