with

sessions as (

    select * from {{ ref('fct_sessions') }}

),

carts_valued as (

    select * from {{ ref('int_carts_valued') }}

),

carts_recovered as (

    select * from {{ ref('int_carts_recovered') }}

),

carts_explained as (

    select * from {{ ref('int_carts_explained') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

described as (

    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.customer_id,
        sessions.started_on,
        sessions.ended_at,
        sessions.channel,
        sessions.visitor_cohort,
        sessions.visitor_type,
        sessions.customer_type,
        sessions.device_type,
        sessions.country_code,
        carts_valued.cart_value,
        sessions.has_begin_checkout,
        carts_valued.is_abandoned,
        carts_explained.cause,
        carts_explained.delivery_fee_shown,
        -- "only carts abandoned at least 7 days before as_of"
        carts_valued.is_abandoned
        and {{ local_day('sessions.ended_at') }}
        <= cast(
            {{ plus_days('as_of.as_of', '-' ~ var('cart_recovery_days')) }} as date
        ) as is_mature_abandoned,
        carts_recovered.recovery_order_id is not null as is_recovered,
        carts_recovered.recovery_order_id,
        carts_recovered.recovered_at,
        carts_recovered.recovered_by,
        cast(carts_recovered.recovered_net_sales as {{ type_money() }}) as recovered_net_sales,
        carts_recovered.reminded_at is not null as is_reminded,
        carts_recovered.reminded_at,
        coalesce(
            carts_recovered.is_recovered_after_reminder, false
        ) as is_recovered_after_reminder
    from carts_valued
    inner join sessions
        on carts_valued.session_id = sessions.session_id
    left join carts_recovered
        on sessions.session_id = carts_recovered.session_id
    left join carts_explained
        on carts_valued.session_id = carts_explained.session_id
    cross join as_of

)

select * from described
