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
    unstable   columns that may differ from build to build in rows that mean the same

    A rollup that is continued (incremental) counts again the periods whose rows changed, and
    no others: `rows_digest` of the `all` rows says of what rows a period was counted. What is
    new in a fact, gone from it or different shows there, whatever the reason. RFM segments
    move with as_of: they are counted again in every period.

    Grain: period_grain, period_start, segment_type, segment_value. Money in the reporting
    currency.
    Example:
        {{ rollup('booked', segments=['channel', 'channel+device_type'],
        measures={'orders': 'count(*)'}) }}-#}
{%- macro rollup(relation, segments, measures, renamed={}, unstable=[]) -%}
{%- set grains = ['day', 'week', 'month', 'quarter', 'year'] -%}
{%- set columns, steady, moving = {}, {}, {} -%}
{%- for segment in segments -%}
    {%- do columns.update({segment: 'rollup_segment_' ~ loop.index}) -%}
    {%- do (moving if segment == 'rfm_segment' else steady).update({segment: columns[segment]}) -%}
{%- endfor -%}
prepared as (

    select
        *,
        {%- for grain in grains %}
        {{ first_day_of(grain, 'booked_on') }} as rollup_{{ grain }},
        {%- endfor %}
        {%- for segment, column in columns.items() %}
        {%- set parts = [] %}
        {%- for part in segment.split('+') %}
            {%- do parts.append("coalesce(cast(" ~ renamed.get(part, part) ~ " as " ~ type_text() ~ "), 'unknown')") %}
        {%- endfor %}
        {{ parts[0] if parts | length == 1 else 'concat(' ~ parts | join(", '|', ") ~ ')' }} as {{ column }},
        {%- endfor %}
        {{ row_digest(['rfm_segment'] + unstable) }} as row_digest
    from {{ relation }}
    where booked_on is not null

),

digested as (

    select
        {{ rollup_period(grains) }},
        count(*) as digested_rows,
        sum(row_digest) as digest
    from prepared
    group by grouping sets ((rollup_{{ grains | join('), (rollup_') }}))

),

ended as (

    select
        digested.*,
        {{ last_day_of('digested.period_grain', 'digested.period_start') }} as period_end,
        {{ last_day_of('digested.period_grain', 'digested.period_start') }} <= as_of.as_of as is_complete_period
    from digested
    cross join {{ ref('int_as_of') }} as as_of

),

periods as (

    -- a period that ends is counted again, as it is complete now
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        concat_ws(' ', digested_rows, digest, is_complete_period) as rows_digest
    from ended

),

{% if is_incremental() -%}
held as (

    select
        period_grain,
        period_start,
        segment_type,
        max(rows_digest) as rows_digest
    from {{ this }}
    group by period_grain, period_start, segment_type

),

changed as (

    select
        periods.period_grain,
        periods.period_start
    from periods
    left join held
        on
            periods.period_grain = held.period_grain
            and periods.period_start = held.period_start
            and held.segment_type = 'all'
    where periods.rows_digest is distinct from held.rows_digest

),

{% endif -%}
grouped as (

    {%- if not is_incremental() %}
    {{ rollup_groups(grains, columns, measures) }}
    {%- else %}
    {%- for grain in grains %}
    {{ rollup_groups([grain], steady, measures, in_changed=true) }}
    {{ 'union all' if not loop.last or moving }}
    {%- endfor %}
    {{ rollup_groups(grains, moving, measures, with_all=false) if moving }}
    {%- endif %}

),

rolled_up as (

    select
        grouped.period_grain,
        grouped.period_start,
        periods.period_end,
        periods.is_complete_period,
        grouped.segment_type,
        grouped.segment_value,
        {%- for name in measures %}
        grouped.{{ name }},
        {%- endfor %}
        case when grouped.segment_type = 'all' then periods.rows_digest end as rows_digest
    from grouped
    inner join periods
        on
            grouped.period_grain = periods.period_grain
            and grouped.period_start = periods.period_start
    {%- if is_incremental() %}

    union all

    -- periods that have no row any more, for the strategy `periods` to remove
    select
        held.period_grain,
        held.period_start,
        null as period_end,
        null as is_complete_period,
        held.segment_type,
        null as segment_value,
        {%- for name in measures %}
        null as {{ name }},
        {%- endfor %}
        null as rows_digest
    from held
    left join periods
        on
            held.period_grain = periods.period_grain
            and held.period_start = periods.period_start
    where periods.period_start is null
    {%- endif %}

)
{%- endmacro -%}

{#- The period of a row of grouping sets over `rollup_<grain>`, as two columns. -#}
{%- macro rollup_period(grains) -%}
        case
            {%- for grain in grains %}
            when grouping(rollup_{{ grain }}) = 0 then '{{ grain }}'
            {%- endfor %}
        end as period_grain,
        coalesce(rollup_{{ grains | join(', rollup_') }}{{ ', null' if grains | length == 1 }}) as period_start
{%- endmacro -%}

{#- The measures of `prepared` at some grains by some segments, {segment: column}, and by `all`. -#}
{%- macro rollup_groups(grains, columns, measures, with_all=true, in_changed=false) -%}
    select
        {{ rollup_period(grains) }},
        case
            {%- for segment, column in columns.items() %}
            when grouping({{ column }}) = 0 then '{{ segment }}'
            {%- endfor %}
            else 'all'
        end as segment_type,
        coalesce({% for column in columns.values() %}{{ column }}, {% endfor %}'all') as segment_value,
        {%- for name, aggregate in measures.items() %}
        {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from prepared
    {%- if in_changed %}
    where rollup_{{ grains[0] }} in (select period_start from changed where period_grain = '{{ grains[0] }}')
    {%- endif %}
    group by
        grouping sets (
            {%- for grain in grains %}
            {%- set outer = loop %}
            {%- if with_all %}
            (rollup_{{ grain }}){{ ',' if columns or not loop.last }}
            {%- endif %}
            {%- for column in columns.values() %}
            (rollup_{{ grain }}, {{ column }}){{ ',' if not (loop.last and outer.last) }}
            {%- endfor %}
            {%- endfor %}
        )
{%- endmacro -%}
