{#- The measures of one fact by period and segment: every period grain (day, ISO week, month,
    quarter, year) by `all` and by each segment. Rows are summed by day and segment once, with
    GROUPING SETS; longer periods are sums of days. A distinct count is a sum of days too: a
    value counts on the day on which it is first seen in the period. Percentiles are taken anew
    for each period and segment.

    relation     a CTE or relation with a date column `booked_on` (rows without one are left
                 out) and the columns used below
    segments     segment columns; a null is the value `unknown`; 'a+b' is the two values
                 joined by `|`
    measures     {name: aggregate}, additive: `count(...)`, `sum(...)`, `coalesce(sum(...), 0)`
    exact_sums   {name: expression}, doubles: exact_sum of each day, and of the days
    counted      the column whose distinct values are counted, and
    counts       {name: condition}: the values with a row for which the condition holds
    percentiles  {name: (expression, share)}: interpolated, over the rows where it is not null
    renamed      {segment: column} where the column is named otherwise
    alike        {by: columns that the measures' conditions ask of, summed: columns that they sum},
                 where few rows differ in the former: summed by them first

    A rollup that is continued (incremental) counts again the periods whose rows changed, and
    no others: `rows_digest` of the `all` rows says of what rows a period was counted. What is
    new in a fact, gone from it or different shows there, whatever the reason. Days that did
    not change are taken as they are held. RFM segments move with as_of: they are counted
    again in every period.

    Grain: period_grain, period_start, segment_type, segment_value. Money in the reporting
    currency.
    Example:
        {{ rollup('booked', segments=['channel', 'channel+device_type'],
        measures={'orders': 'count(*)'}) }}-#}
{%- macro rollup(
    relation, segments, measures, exact_sums={}, counted=none, counts={}, percentiles={},
    renamed={}, alike=none
) -%}
{%- set grains = ['day', 'week', 'month', 'quarter', 'year'] -%}
{%- set columns, steady, moving = {}, {}, {} -%}
{%- for segment in segments -%}
    {%- do columns.update({segment: 'rollup_segment_' ~ loop.index}) -%}
    {%- do (moving if segment == 'rfm_segment' else steady).update({segment: columns[segment]}) -%}
{%- endfor -%}
{%- set by_day, of_days = {}, {} -%}
{%- for name, aggregate in measures.items() -%}
    {%- if not modules.re.match('(count|sum|coalesce[(]sum)[(](?!distinct)', aggregate) -%}
        {%- do exceptions.raise_compiler_error('`' ~ name ~ '` of ' ~ model.name ~ ' is no sum over days: give it as `counts` or `percentiles`.') -%}
    {%- endif -%}
    {%- if alike and aggregate.startswith('count') and not aggregate.startswith('count(*)') -%}
        {%- do exceptions.raise_compiler_error('`' ~ name ~ '` of ' ~ model.name ~ ' counts a column, which `alike` cannot: give it as count(*) filter (where ... is not null).') -%}
    {%- endif -%}
    {%- do by_day.update({name: aggregate}) -%}
    {%- set sum_of_days = 'sum(cells.' ~ name ~ ')' -%}
    {%- do of_days.update({name: 'cast(' ~ sum_of_days ~ ' as bigint)' if aggregate.startswith('count') else sum_of_days}) -%}
{%- endfor -%}
{%- for name, expression in exact_sums.items() -%}
    {%- do by_day.update({name: exact_sum(expression)}) -%}
    {%- do of_days.update({name: exact_sum('cells.' ~ name)}) -%}
{%- endfor -%}
{%- set days = 'compared_days' if is_incremental() else 'period_days' -%}
{%- set names = by_day.keys() | list + counts.keys() | list + percentiles.keys() | list -%}
prepared as {{ inlined() }} (

    select
        *,
        {%- for segment, column in columns.items() %}
        {%- set parts = [] %}
        {%- for part in segment.split('+') %}
            {%- do parts.append("coalesce(cast(" ~ renamed.get(part, part) ~ " as " ~ type_text() ~ "), 'unknown')") %}
        {%- endfor %}
        {{ parts[0] if parts | length == 1 else 'concat(' ~ parts | join(", '|', ") ~ ')' }} as {{ column }},
        {%- endfor %}
        {{ row_digest(['rfm_segment']) }} as row_digest
    from {{ relation }}
    where booked_on is not null

),

digested_days as (

    select
        booked_on,
        count(*) as digested_rows,
        sum(row_digest) as digest
    from prepared
    group by booked_on

),

period_days as (

    {%- for grain in grains %}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'booked_on') }} as period_start,
        booked_on,
        digested_rows,
        digest
    from digested_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

digested as (

    select
        period_grain,
        period_start,
        sum(digested_rows) as digested_rows,
        sum(digest) as digest
    from period_days
    group by period_grain, period_start

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
        {%- if percentiles %}
        row_number() over (order by period_grain, period_start) as period_number,
        {%- endif %}
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

compared_days as (

    select
        period_days.period_grain,
        period_days.period_start,
        period_days.booked_on,
        periods.rows_digest is distinct from held.rows_digest as is_changed
    from period_days
    inner join periods
        on
            period_days.period_grain = periods.period_grain
            and period_days.period_start = periods.period_start
    left join held
        on
            periods.period_grain = held.period_grain
            and periods.period_start = held.period_start
            and held.segment_type = 'all'

),

{% endif -%}
cells as (

    {% if not is_incremental() -%}
    {{ rollup_groups('prepared', ['booked_on'], columns, by_day, alike=alike) }}
    {%- else -%}
    {{ rollup_groups('prepared', ['booked_on'], steady, by_day, where="booked_on in (select booked_on from compared_days where period_grain = 'day' and is_changed)", alike=alike) }}
    {%- if moving %}

    union all

    {{ rollup_groups('prepared', ['booked_on'], moving, by_day, with_all=false, alike=alike) }}
    {%- endif %}

    union all

    select
        kept.period_start as booked_on,
        kept.segment_type,
        kept.segment_value,
        kept.{{ by_day.keys() | join(', kept.') }}
    from {{ this }} as kept
    inner join compared_days
        on
            kept.period_grain = compared_days.period_grain
            and kept.period_start = compared_days.period_start
            and not compared_days.is_changed
    where
        kept.period_grain = 'day'
        {%- if moving %}
        and kept.segment_type not in ('{{ moving.keys() | join("', '") }}')
        {%- endif %}
    {%- endif %}

),

summed as {{ materialized() if percentiles }} (

    {{ rollup_of_days('cells', 'segment_value', of_days, days, moving) }}

),

{%- set everything = {'all': none} -%}
{%- do everything.update(columns) -%}
{% if counts -%}
{#- the columns of which a value has one each where it has one segment -#}
{%- set of_one = {} -%}
{%- for segment, column in columns.items() -%}
    {%- set parts = [] -%}
    {%- for part in segment.split('+') -%}
        {%- do parts.append(columns.get(part)) -%}
    {%- endfor -%}
    {%- do of_one.update({segment: [column] if none in parts else parts}) -%}
{%- endfor -%}
counted_values as (

    -- values are counted by a number: texts take twice as long. Most have one segment only in all
    -- their rows: what is new of them by that segment is what is new of them at all
    select
        {{ counted }} as counted_value,
        {%- for segment, column in columns.items() if of_one[segment] == [column] %}
        min({{ text_number(column) }}) = max({{ text_number(column) }}) as {{ column }}_is_one,
        {%- endfor %}
        row_number() over (order by {{ counted }}) as counted_number
    from prepared
    where {{ counted }} is not null
    group by {{ counted }}

),

rows_to_count as {{ materialized() }} (

    -- where a rollup is continued: those of every period that changed
    select
        prepared.booked_on,
        {%- for segment, column in columns.items() %}
        {{ text_number('prepared.' ~ column) }} as {{ column }},
        counted_values.{{ of_one[segment] | join('_is_one and counted_values.') }}_is_one as {{ column }}_is_one,
        {%- endfor %}
        {%- for name, condition in counts.items() %}
        {{ condition }} as {{ name }},
        {%- endfor %}
        {%- if is_incremental() and moving %}
        prepared.booked_on in (select booked_on from compared_days where is_changed) as is_changed,
        {%- endif %}
        counted_values.counted_number
    from prepared
    inner join counted_values
        on prepared.{{ counted }} = counted_values.counted_value
    {%- if is_incremental() and not moving %}
    where prepared.booked_on in (select booked_on from compared_days where is_changed)
    {%- endif %}

),

{%- set bits = {} -%}
{%- for name in counts -%}
    {%- for grain in grains -%}
        {%- do bits.update({(name, grain): 2 ** (bits | length)}) -%}
    {%- endfor -%}
{%- endfor -%}
{% for segment, column in everything.items() -%}
seen_{{ loop.index }} as (

    -- when a value was last seen before this row
    select
        booked_on,
        {%- if column %}
        {{ column }},
        {%- else %}
        {%- for each in columns.values() %}
        case when {{ each }}_is_one then {{ each }} end as {{ each }},
        {%- endfor %}
        {%- endif %}
        {%- for name in counts %}
        {{ name }},
        max(case when {{ name }} then booked_on end) over before as {{ name }}_before{{ ',' if not loop.last }}
        {%- endfor %}
    from rows_to_count
    {%- if column %}
    where
        not {{ column }}_is_one
        {%- if is_incremental() and moving and segment not in moving %}
        and is_changed
        {%- endif %}
    {%- endif %}
    window before as (
        partition by counted_number{{ ', ' ~ column if column }} order by booked_on
        rows between unbounded preceding and 1 preceding
    )

),

first_{{ loop.index }} as (

    -- of which periods a row is the first with its value, a bit for each count and grain: one
    -- count of rows by bits takes a fifth of the time of fifteen counts
    select
        booked_on,
        {%- for each in ([column] if column else columns.values()) %}
        {{ each }},
        {%- endfor %}
        {%- for name, grain in bits %}
        {{ '+ ' if not loop.first }}case when {{ name }} and ({{ name }}_before is null or {{ name }}_before < {{ first_day_of(grain, 'booked_on') }}) then {{ bits[(name, grain)] }} else 0 end
        {%- endfor %} as first_bits
    from seen_{{ loop.index }}

),

{% endfor -%}
counted_days as (

    {%- for segment, column in everything.items() %}
    {{ rollup_groups('first_' ~ loop.index, ['booked_on', 'first_bits'], {segment: column} if column else columns, {'counted_rows': 'count(*)'}, with_all=not column, all_value=text_number("'all'")) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counts as (

    {%- set counts_of_days = {} -%}
    {%- for name in counts -%}
        {%- set of_grains = [] -%}
        {%- for grain in grains -%}
            {%- do of_grains.append("when '" ~ grain ~ "' then " ~ bits[(name, grain)]) -%}
        {%- endfor -%}
        {%- do counts_of_days.update({name: 'cast(sum(counted_days.counted_rows) filter (where counted_days.first_bits & (case ' ~ days ~ '.period_grain ' ~ of_grains | join(' ') ~ ' end) <> 0) as bigint)'}) -%}
    {%- endfor %}
    {{ rollup_of_days('counted_days', 'segment_value', counts_of_days, days, moving) }}

),

{% endif -%}
{% if percentiles -%}
{%- set expressions, shares = [], [] -%}
{%- for expression, share in percentiles.values() -%}
    {%- do expressions.append(expression) if expression not in expressions -%}
    {%- do shares.append(share) if share not in shares -%}
{%- endfor -%}
measured as (

    {%- for expression in expressions %}
    select
        booked_on,
        {%- for column in columns.values() %}
        {{ text_number(column) }} as {{ column }},
        {%- endfor %}
        {{ loop.index0 }} as measure,
        cast({{ expression }} as {{ type_double() }}) as measured_value
    from prepared
    where {{ expression }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

numbered_days as (

    select
        days.booked_on,
        {%- if is_incremental() %}
        days.is_changed,
        {%- endif %}
        periods.period_number
    from {{ days }} as days
    inner join periods
        on
            days.period_grain = periods.period_grain
            and days.period_start = periods.period_start

),

numbered_segments as (

    select
        segment_type,
        segment_value,
        row_number() over (order by segment_type, segment_value) as segment_number
    from summed
    group by segment_type, segment_value

),

bucketed as {{ materialized() }} (

    -- each value's bucket among all of its measure, by size: the counts of a period's and segment's
    -- buckets say in which a percentile is, and only the values of that one need be sorted. Equal
    -- values have the same: an engine that computes this twice (Spark) has to come to the same
    select
        *,
        cast(ceil(32 * cume_dist() over (partition by measure order by measured_value)) as int) as bucket
    from measured

),

bucket_days as (

    {{ rollup_groups('bucketed', ['booked_on', 'measure', 'bucket'], columns, {'bucket_rows': 'count(*)'}, all_value=text_number("'all'")) }}

),

bucket_counts as (

    select
        {{ percentile_group('numbered_days.period_number', 'numbered_segments.segment_number') }} + bucket_days.measure as percentile_group,
        bucket_days.bucket,
        sum(bucket_days.bucket_rows) as bucket_rows
    from bucket_days
    inner join numbered_days
        on bucket_days.booked_on = numbered_days.booked_on
    inner join numbered_segments
        on
            bucket_days.segment_type = numbered_segments.segment_type
            and bucket_days.segment_value = {{ text_number('numbered_segments.segment_value') }}
    {{- where_counted_again('numbered_days', 'bucket_days', moving) }}
    group by
        {{ percentile_group('numbered_days.period_number', 'numbered_segments.segment_number') }} + bucket_days.measure,
        bucket_days.bucket

),

bucket_places as (

    -- one sort for both
    select
        percentile_group,
        bucket,
        cast(bucket_rows as bigint) as bucket_rows,
        cast(sum(bucket_rows) over (
            partition by percentile_group order by bucket
            rows between unbounded preceding and current row
        ) - bucket_rows as bigint) as rows_before,
        cast(sum(bucket_rows) over (
            partition by percentile_group order by bucket
            rows between unbounded preceding and unbounded following
        ) as bigint) as places
    from bucket_counts

),

buckets_to_sort as {{ materialized() }} (

    select
        numbered_days.booked_on,
        numbered_segments.segment_type,
        {{ text_number('numbered_segments.segment_value') }} as segment_value,
        {{ measure_in('bucket_places.percentile_group') }} as measure,
        bucket_places.bucket,
        bucket_places.percentile_group,
        bucket_places.rows_before,
        bucket_places.places
    from bucket_places
    inner join numbered_segments
        on {{ segment_number_in('bucket_places.percentile_group') }} = numbered_segments.segment_number
    inner join numbered_days
        on {{ period_number_in('bucket_places.percentile_group') }} = numbered_days.period_number
    where
        {%- for share in shares %}
        {{ 'or ' if not loop.first }}({{ share }} * (places - 1) between rows_before - 1 and rows_before + bucket_rows)
        {%- endfor %}

),

values_to_sort as (

    {%- for segment, column in everything.items() %}
    select
        buckets_to_sort.percentile_group,
        buckets_to_sort.bucket,
        buckets_to_sort.rows_before,
        buckets_to_sort.places,
        bucketed.measured_value
    from bucketed
    inner join buckets_to_sort
        on
            bucketed.booked_on = buckets_to_sort.booked_on
            and bucketed.measure = buckets_to_sort.measure
            and bucketed.bucket = buckets_to_sort.bucket
            {%- if column %}
            and bucketed.{{ column }} = buckets_to_sort.segment_value
            {%- endif %}
    where buckets_to_sort.segment_type = '{{ segment }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

ranked as (

    -- each value's place among those of its period and segment: a sort may go to disk, where the
    -- percentile functions hold all values of all periods and segments at once
    select
        percentile_group,
        measured_value,
        rows_before + row_number() over (
            partition by percentile_group, bucket order by measured_value
        ) as place,
        places
    from values_to_sort

),

measured_percentiles as (

    select
        percentile_group,
        {%- for share in shares %}
        {{ interpolated(share) }} as percentile_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked
    where
        {%- for share in shares %}
        {{ 'or ' if not loop.first }}{{ is_beside(share) }}
        {%- endfor %}
    group by percentile_group

),

percentiles as (

    {%- set measure = measure_in('percentile_group') %}
    select
        percentile_group - {{ measure }} as percentile_group,
        {%- for name, (expression, share) in percentiles.items() %}
        max(case when {{ measure }} = {{ expressions.index(expression) }} then percentile_{{ shares.index(share) + 1 }} end) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from measured_percentiles
    group by percentile_group - {{ measure }}

),

{% endif -%}
rolled_up as (

    select
        summed.period_grain,
        summed.period_start,
        periods.period_end,
        periods.is_complete_period,
        summed.segment_type,
        summed.segment_value,
        {%- for name in by_day %}
        summed.{{ name }},
        {%- endfor %}
        {%- for name in counts %}
        coalesce(counts.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        {%- for name in percentiles %}
        percentiles.{{ name }},
        {%- endfor %}
        case when summed.segment_type = 'all' then periods.rows_digest end as rows_digest
    from summed
    inner join periods
        on
            summed.period_grain = periods.period_grain
            and summed.period_start = periods.period_start
    {%- if counts %}
    left join counts
        on
            summed.period_grain = counts.period_grain
            and summed.period_start = counts.period_start
            and summed.segment_type = counts.segment_type
            and {{ text_number('summed.segment_value') }} = counts.segment_value
    {%- endif %}
    {%- if percentiles %}
    inner join numbered_segments
        on
            summed.segment_type = numbered_segments.segment_type
            and summed.segment_value = numbered_segments.segment_value
    left join percentiles
        on {{ percentile_group('periods.period_number', 'numbered_segments.segment_number') }} = percentiles.percentile_group
    {%- endif %}
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
        {%- for name in names %}
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

{#- The number of a period and segment (below 2^24), to which that of a measure (below 2^8) is
    added; and the three of such a number. -#}
{%- macro percentile_group(period_number, segment_number) -%}
    (cast({{ period_number }} as bigint) * 16777216 + {{ segment_number }}) * 256
{%- endmacro -%}

{%- macro measure_in(percentile_group) -%}
    mod({{ percentile_group }}, 256)
{%- endmacro -%}

{%- macro segment_number_in(percentile_group) -%}
    mod(cast(floor({{ percentile_group }} / 256) as bigint), 16777216)
{%- endmacro -%}

{%- macro period_number_in(percentile_group) -%}
    cast(floor({{ percentile_group }} / 4294967296) as bigint)
{%- endmacro -%}

{#- percentile_cont of ranked values: between those beside the place 1 + (places - 1) * share, in proportion. -#}
{%- macro interpolated(share) -%}
    min(measured_value) filter (where {{ is_beside(share) }})
        + (
            max(measured_value) filter (where {{ is_beside(share) }})
            - min(measured_value) filter (where {{ is_beside(share) }})
        ) * cast(max((places - 1) * {{ share }} - floor((places - 1) * {{ share }})) as {{ type_double() }})
{%- endmacro -%}

{%- macro is_beside(share) -%}
    abs(place - 1 - (places - 1) * {{ share }}) < 1
{%- endmacro -%}

{#- Where a rollup is continued: the periods that changed, and all of the segments that move. -#}
{%- macro where_counted_again(days, relation, moving) -%}
    {%- if is_incremental() %}
    where
        {{ days }}.is_changed
        {%- if moving %}
        or {{ relation }}.segment_type in ('{{ moving.keys() | join("', '") }}')
        {%- endif %}
    {%- endif %}
{%- endmacro -%}

{#- Sums over days, by segment (its type and the column `segment`: value or number), of the days of
    each period (`days`): of those that are counted. -#}
{%- macro rollup_of_days(relation, segment, aggregates, days, moving) -%}
    select
        {{ days }}.period_grain,
        {{ days }}.period_start,
        {{ relation }}.segment_type,
        {{ relation }}.{{ segment }},
        {%- for name, aggregate in aggregates.items() %}
        {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    inner join {{ days }}
        on {{ relation }}.booked_on = {{ days }}.booked_on
    {{- where_counted_again(days, relation, moving) }}
    group by
        {{ days }}.period_grain,
        {{ days }}.period_start,
        {{ relation }}.segment_type,
        {{ relation }}.{{ segment }}
{%- endmacro -%}

{#- Aggregates by keys and each of some segments, {segment: column}, and by `all`. With `alike`
    rows are counted and summed by what they have in common first, and the aggregates, each over
    some of these, are made of that: each of forty conditions is asked of fewer rows. -#}
{%- macro rollup_groups(
    relation, keys, columns, aggregates, with_all=true, where=none, all_value="'all'", alike=none
) -%}
    {%- if alike %}
    {%- set sums = {'rows_alike': 'count(*)'} %}
    {%- for column in alike.summed %}
        {%- do sums.update({column: 'sum(' ~ column ~ ')'}) %}
    {%- endfor %}
    select
        {{ keys | join(', ') }},
        segment_type,
        segment_value,
        {%- for name, aggregate in aggregates.items() %}
        {{ modules.re.sub('^count[(][*][)](.*)$', 'cast(coalesce(sum(rows_alike)\\1, 0) as bigint)', aggregate) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ rollup_groups(relation, keys + alike.by, columns, sums, with_all, where, all_value) }}
    ) as summed_alike
    group by {{ keys | join(', ') }}, segment_type, segment_value
    {%- else %}
    select
        {{ keys | join(', ') }},
        case
            {%- for segment, column in columns.items() %}
            when grouping({{ column }}) = 0 then '{{ segment }}'
            {%- endfor %}
            else 'all'
        end as segment_type,
        case
            {%- for column in columns.values() %}
            when grouping({{ column }}) = 0 then {{ column }}
            {%- endfor %}
            else {{ all_value }}
        end as segment_value,
        {%- for name, aggregate in aggregates.items() %}
        {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {{ 'where ' ~ where if where }}
    group by
        grouping sets (
            {%- if with_all %}
            ({{ keys | join(', ') }}){{ ',' if columns }}
            {%- endif %}
            {%- for column in columns.values() %}
            ({{ keys | join(', ') }}, {{ column }}){{ ',' if not loop.last }}
            {%- endfor %}
        )
    {%- endif %}
{%- endmacro -%}
