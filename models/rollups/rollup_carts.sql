with

booked as (

    select
        *,
        started_on as booked_on
    from {{ ref('fct_carts') }}

),

{{ rollup(
    'booked',
    segments=segment_set('session'),
    measures={
        'carts': 'count(*)',
        'carts_abandoned': 'count(*) filter (where is_abandoned)',
        'abandoned_value': 'coalesce(sum(case when is_abandoned then cart_value end), 0)',
        'carts_recovered': 'count(*) filter (where is_recovered)',
        'carts_mature': 'count(*) filter (where is_mature_abandoned)',
        'carts_mature_recovered':
            'count(*) filter (where is_mature_abandoned and is_recovered)',
        'carts_mature_reminded':
            'count(*) filter (where is_mature_abandoned and is_reminded)',
        'carts_mature_recovered_after_reminder':
            'count(*) filter (where is_mature_abandoned and is_recovered_after_reminder)',
    },
) }}

select * from rolled_up
