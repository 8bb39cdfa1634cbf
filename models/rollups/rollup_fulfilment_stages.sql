{#- What ended in the period, stage by stage, on the day the stage ended. -#}
{% set measures = {} %}
{%- for stage in fulfilment_stages() -%}
    {%- set hours = "case when stage = '" ~ stage ~ "' then stage_hours end" -%}
    {%- do measures.update({
        stage ~ '_shipments': 'count(' ~ hours ~ ')',
        stage ~ '_hours': exact_sum(hours),
        stage ~ '_p50_hours': percentile(hours, 0.5),
        stage ~ '_p90_hours': percentile(hours, 0.9),
    }) -%}
{%- endfor %}

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
