with

customers as (

    select * from {{ ref('stg_customers') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

customers_ordered as (

    select * from {{ ref('int_customers_ordered') }}

),

customers_acquired as (

    select * from {{ ref('int_customers_acquired') }}

),

customers_scored as (

    select * from {{ ref('int_customers_scored') }}

),

zones as (

    select * from {{ ref('zones') }}

),

known as (

    -- an order may name a customer that the customer table does not have: it is a customer
    -- all the same
    select customer_id from customers
    union
    select customer_id from orders
    where customer_id is not null

),

described as (

    select
        known.customer_id,
        customers.email_hash,
        customers.created_at,
        customers.country_code,
        customers.region,
        customers.city,
        customers.postal_code_hash,
        coalesce(region_zones.zone, country_zones.zone) as zone,
        coalesce(customers.is_test, false) as is_test,
        customers_ordered.first_order_id,
        customers_ordered.first_order_at,
        customers_ordered.first_order_on,
        customers_ordered.last_order_at,
        customers_ordered.last_order_on,
        coalesce(customers_ordered.orders, 0) as orders,
        coalesce(customers_acquired.acquisition_cohort, 'unknown') as acquisition_cohort,
        coalesce(customers_acquired.acquisition_channel, 'unknown') as acquisition_channel,
        customers_scored.recency_days,
        customers_scored.rfm_recency,
        customers_scored.rfm_frequency,
        customers_scored.rfm_monetary,
        coalesce(customers_scored.rfm_segment, 'unknown') as rfm_segment
    from known
    left join customers
        on known.customer_id = customers.customer_id
    left join customers_ordered
        on known.customer_id = customers_ordered.customer_id
    left join customers_acquired
        on known.customer_id = customers_acquired.customer_id
    left join customers_scored
        on known.customer_id = customers_scored.customer_id
    left join zones as region_zones
        on
            customers.country_code = region_zones.country_code
            and customers.region = region_zones.region
    left join zones as country_zones
        on
            customers.country_code = country_zones.country_code
            and country_zones.region is null

)

select * from described
