{#- What ended in the period, stage by stage, on the day the stage ended. -#}
{% set measures = fulfilment_stage_measures() %}

with

booked as (

    select
        *,
        ended_on as booked_on
    from {{ ref('int_fulfilment_stages') }}
    where ended_at is not null

),

{{ rollup(
    'booked',
    segments=segment_set('stage'),
    renamed={'warehouse': 'warehouse_id'},
    measures=measures,
) }}

select * from rolled_up
