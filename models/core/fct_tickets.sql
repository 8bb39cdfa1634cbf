with

tickets as (

    select * from {{ ref('stg_tickets') }}

),

described as (

    select
        ticket_id,
        order_id,
        customer_id,
        visitor_id,
        ticket_type,
        topic,
        contact_channel,
        opened_at,
        opened_on,
        first_response_at,
        resolved_at,
        {{ seconds_between('opened_at', 'first_response_at') }} / 3600 as first_response_hours,
        {{ seconds_between('opened_at', 'resolved_at') }} / 3600 as resolution_hours,
        loaded_at
    from tickets

)

select * from described
