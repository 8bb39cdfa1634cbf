with

booked as (

    select
        *,
        created_on as booked_on
    from {{ ref('fct_leads') }}

),

{{ rollup(
    'booked',
    segments=segment_set('lead'),
    measures={
        'leads': 'count(*)',
        'leads_qualified': 'count(qualified_at)',
        'leads_converted': 'count(converted_at)',
        'leads_lost': 'count(lost_at)',
        'lead_value': 'sum(value)',
    },
    percentiles={'median_days_to_convert': ('days_to_convert', 0.5)},
) }}

select * from rolled_up
