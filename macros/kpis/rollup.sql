{#- The measures of one fact by period and segment, in one pass: every period grain (day, ISO
 week, month, quarter, year) by `all` and
    by each segment, with GROUPING SETS. Sums are additive; a distinct count is counted
    anew for each period and segment.

    relation   a CTE or relation with a date column `booked_on` (rows without one are left
               out) and the columns used below
    segments   segment columns; a null is the value `unknown`; 'a+b' is the two values
               joined by `|`
    renamed    {segment: column} where the column is named otherwise
    measures   {name: aggregate}

    Grain: period_grain, period_start, segment_type, segment_value. Money in the reporting
    currency.
    Example:
        {{ rollup('booked', segments=['channel', 'channel+device_type'],
        measures={'orders': 'count(*)'}) }}-#}
{%- macro rollup(relation, segments, measures, renamed={}) -%}
{%- set grains = ['day', 'week', 'month', 'quarter', 'year'] -%}
prepared as (

    select
        *,
        {%- for grain in grains %}
        {{ first_day_of(grain, 'booked_on') }} as rollup_{{ grain }},
        {%- endfor %}
        {%- for segment in segments %}
        {%- set parts = [] %}
        {%- for part in segment.split('+') %}
            {%- do parts.append("coalesce(cast(" ~ renamed.get(part, part) ~ " as varchar), 'unknown')") %}
        {%- endfor %}
        {{ parts[0] if parts | length == 1 else 'concat(' ~ parts | join(", '|', ") ~ ')' }} as rollup_segment_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    where booked_on is not null

),

grouped as (

    select
        case
            {%- for grain in grains %}
            when grouping(rollup_{{ grain }}) = 0 then '{{ grain }}'
            {%- endfor %}
        end as period_grain,
        coalesce(rollup_{{ grains | join(', rollup_') }}) as period_start,
        case
            {%- for segment in segments %}
            when grouping(rollup_segment_{{ loop.index }}) = 0 then '{{ segment }}'
            {%- endfor %}
            else 'all'
        end as segment_type,
        coalesce({% for segment in segments %}rollup_segment_{{ loop.index }}, {% endfor %}'all') as segment_value,
        {%- for name, aggregate in measures.items() %}
        {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from prepared
    group by
        grouping sets (
            {%- for grain in grains %}
            (rollup_{{ grain }}),
            {%- set outer = loop %}
            {%- for segment in segments %}
            (rollup_{{ grain }}, rollup_segment_{{ loop.index }}){{ ',' if not (loop.last and outer.last) }}
            {%- endfor %}
            {%- endfor %}
        )

),

rolled_up as (

    select
        grouped.period_grain,
        grouped.period_start,
        {{ last_day_of('grouped.period_grain', 'grouped.period_start') }} as period_end,
        {{ last_day_of('grouped.period_grain', 'grouped.period_start') }} <= as_of.as_of as is_complete_period,
        grouped.segment_type,
        grouped.segment_value,
        {%- for name in measures %}
        grouped.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from grouped
    cross join {{ ref('int_as_of') }} as as_of

)
{%- endmacro -%}
