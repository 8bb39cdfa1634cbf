with

orders as (

    select * from {{ ref('stg_orders') }}

),

orders_valued as (

    select * from {{ ref('int_orders_valued') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

orders_shipped as (

    select * from {{ ref('int_orders_shipped') }}

),

zones as (

    select * from {{ ref('zones') }}

),

described as (

    select
        orders.order_id,
        orders.customer_id,
        orders.session_id,
        sessions.visitor_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.paid_at,
        orders.cancelled_at,
        orders.status,
        orders_valued.is_valid_order,
        case
            when orders_valued.is_valid_order
                then coalesce(orders.order_id = customers.first_order_id, false)
        end as is_first_order,
        case
            when not orders_valued.is_valid_order then null
            when orders.customer_id is null then 'guest'
            when orders.order_id = customers.first_order_id then 'new'
            else 'returning'
        end as customer_type,
        coalesce(sessions.channel, 'unknown') as channel,
        coalesce(sessions.device_type, 'unknown') as device_type,
        coalesce(customers.acquisition_channel, 'unknown') as acquisition_channel,
        coalesce(customers.acquisition_cohort, 'unknown') as acquisition_cohort,
        coalesce(customers.rfm_segment, 'unknown') as rfm_segment,
        orders.country_code,
        -- where its parcel went; without one, or one that does not say, where the order was bound
        case
            when orders_shipped.country_code is null then zones.zone
            else orders_shipped.zone
        end as zone,
        orders.sales_channel,
        -- "valid orders with a promotion code or a discount > 0"
        case
            when orders.promotion_code is not null or orders_valued.discounts > 0
                then 'with_promotion'
            else 'without_promotion'
        end as promotion,
        case
            when orders.shipping_amount is null then 'unknown'
            when orders.shipping_amount - coalesce(orders.shipping_discount_amount, 0) <= 0
                then 'free'
            else 'paid'
        end as shipping_fee,
        orders.promotion_code,
        orders.payment_method,
        orders.currency,
        cast(orders_valued.units as bigint) as units,
        orders_valued.known_categories,
        orders_valued.has_known_cost,
        orders_valued.gross_sales,
        orders_valued.discounts,
        orders_valued.net_sales,
        orders_valued.refunds,
        orders.shipping_amount,
        orders.shipping_discount_amount,
        orders.tax_amount,
        orders.loaded_at
    from orders
    inner join orders_valued
        on orders.order_id = orders_valued.order_id
    left join customers
        on orders.customer_id = customers.customer_id
    left join sessions
        on orders.session_id = sessions.session_id
    left join orders_shipped
        on orders.order_id = orders_shipped.order_id
    left join zones
        on
            orders.country_code = zones.country_code
            and zones.region is null

)

select * from described
