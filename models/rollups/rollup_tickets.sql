with

booked as (

    select
        *,
        opened_on as booked_on
    from {{ ref('fct_tickets') }}

),

{{ rollup(
    'booked',
    segments=segment_set('ticket'),
    measures={
        'tickets': 'count(*)',
        'tickets_answered': 'count(first_response_hours)',
        'tickets_resolved': 'count(resolution_hours)',
    },
    percentiles={
        'median_first_response_hours': ('first_response_hours', 0.5),
        'median_resolution_hours': ('resolution_hours', 0.5),
    },
) }}

select * from rolled_up
