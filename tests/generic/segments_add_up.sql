{#- The law of a partition: in every period the segments of each type add up to `all`, for
    measures that are additive. Missing on either side is a failure; doubles within 1e-9 of the
    total. -#}
{% test segments_add_up(model, measures) %}

with

-- a test with a `where` is given a subquery, which cannot be named again
rows_tested as (

    select * from {{ model }}

),

types as (

    select distinct segment_type
    from rows_tested
    where segment_type <> 'all'

),

totals as (

    select
        totals.*,
        types.segment_type as expected_segment_type
    from rows_tested as totals
    cross join types
    where totals.segment_type = 'all'

),

parts as (

    select
        period_grain,
        period_start,
        segment_type,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from rows_tested
    where segment_type <> 'all'
    group by period_grain, period_start, segment_type

)

select
    coalesce(totals.period_grain, parts.period_grain) as period_grain,
    coalesce(totals.period_start, parts.period_start) as period_start,
    coalesce(totals.expected_segment_type, parts.segment_type) as segment_type
from totals
full outer join parts
    on
        totals.period_grain = parts.period_grain
        and totals.period_start = parts.period_start
        and totals.expected_segment_type = parts.segment_type
where
    totals.period_grain is null
    or parts.period_grain is null
    {%- for measure in measures %}
    or (totals.{{ measure }} is null) <> (parts.{{ measure }} is null)
    or abs(totals.{{ measure }} - parts.{{ measure }}) > 1e-9 * greatest(1, abs(totals.{{ measure }}))
    {%- endfor %}

{% endtest %}
