with

base_surveys as (

    select * from {{ ref('base_surveys') }}

),

accepted as (

    select
        survey_id,
        order_id,
        customer_id,
        survey_type,
        sent_at,
        {{ local_day('sent_at') }} as sent_on,
        responded_at,
        {{ local_day('responded_at') }} as responded_on,
        score,
        loaded_at
    from base_surveys
    where row_status = 'accepted'

)

select * from accepted
