with

base_customers as (

    select * from {{ ref('base_customers') }}

),

accepted as (

    select
        customer_id,
        email as email_hash,
        created_at,
        {{ local_day('created_at') }} as created_on,
        country_code,
        region,
        city,
        postal_code as postal_code_hash,
        coalesce(is_test, false) as is_test,
        loaded_at
    from base_customers
    where row_status = 'accepted'

)

select * from accepted
