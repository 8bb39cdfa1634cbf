with

base_tickets as (

    select * from {{ ref('base_tickets') }}

),

accepted as (

    select
        ticket_id,
        order_id,
        customer_id,
        visitor_id,
        contact_channel,
        ticket_type,
        topic,
        opened_at,
        {{ local_day('opened_at') }} as opened_on,
        first_response_at,
        resolved_at,
        loaded_at
    from base_tickets
    where row_status = 'accepted'

)

select * from accepted
