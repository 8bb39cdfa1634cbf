with

surveys as (

    select * from {{ ref('stg_surveys') }}

),

order_fulfilment as (

    select * from {{ ref('fct_order_fulfilment') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

described as (

    -- "A survey takes its order's [shipment]; without order, only its customer's."
    select
        surveys.survey_id,
        surveys.survey_type,
        surveys.order_id,
        coalesce(order_fulfilment.customer_id, surveys.customer_id) as customer_id,
        order_fulfilment.carrier,
        order_fulfilment.delivery_mode,
        case
            when surveys.order_id is null then customers.zone
            else order_fulfilment.zone
        end as zone,
        case
            when surveys.order_id is null then customers.country_code
            else order_fulfilment.country_code
        end as country_code,
        order_fulfilment.warehouse_id,
        coalesce(order_fulfilment.channel, 'unknown') as channel,
        case
            when surveys.order_id is null then coalesce(customers.acquisition_cohort, 'unknown')
            else order_fulfilment.acquisition_cohort
        end as acquisition_cohort,
        surveys.sent_at,
        surveys.sent_on,
        surveys.responded_at,
        surveys.responded_on,
        surveys.score,
        surveys.loaded_at
    from surveys
    left join order_fulfilment
        on surveys.order_id = order_fulfilment.order_id
    left join customers
        on surveys.customer_id = customers.customer_id

)

select * from described
