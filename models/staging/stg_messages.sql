with

base_messages as (

    select * from {{ ref('base_messages') }}

),

accepted as (

    select
        message_id,
        customer_id,
        visitor_id,
        message_type,
        channel,
        sent_at,
        {{ local_day('sent_at') }} as sent_on,
        opened_at,
        clicked_at,
        loaded_at
    from base_messages
    where row_status = 'accepted'

)

select * from accepted
