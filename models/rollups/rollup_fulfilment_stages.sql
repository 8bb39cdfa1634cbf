{#- What ended in the period, stage by stage, on the day the stage ended. -#}
{% set shipments, hours, percentiles = {}, {}, {} %}
{% for stage in fulfilment_stages() %}
{% set stage_hours = "case when stage = '" ~ stage ~ "' then stage_hours end" %}
{% do shipments.update({stage ~ '_shipments': 'count(' ~ stage_hours ~ ')'}) %}
{% do hours.update({stage ~ '_hours': stage_hours}) %}
{% do percentiles.update({
    stage ~ '_p50_hours': (stage_hours, 0.5),
    stage ~ '_p90_hours': (stage_hours, 0.9),
}) %}
{% endfor %}

with

booked as {{ inlined() }} (

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
    measures=shipments,
    exact_sums=hours,
    percentiles=percentiles,
) }}

select * from rolled_up
