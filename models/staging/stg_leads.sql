with

base_leads as (

    select * from {{ ref('base_leads') }}

),

accepted as (

    select
        lead_id,
        visitor_id,
        session_id,
        customer_id,
        form_id,
        channel,
        created_at,
        {{ local_day('created_at') }} as created_on,
        qualified_at,
        converted_at,
        lost_at,
        {{ to_reporting('value') }} as value,
        loaded_at
    from base_leads
    where row_status = 'accepted'

)

select * from accepted
