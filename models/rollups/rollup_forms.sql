with

booked as (

    select
        *,
        started_on as booked_on
    from {{ ref('fct_forms') }}

),

{{ rollup(
    'booked',
    segments=['form_id', 'device_type', 'channel'],
    measures={
        'forms_started': 'count(*)',
        'forms_submitted': 'count(*) filter (where is_submitted)',
    },
) }}

select * from rolled_up
