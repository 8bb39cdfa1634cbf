{#- Tables that are read anew in every build have no late rows. -#}
{% set continued = [] %}
{% for table in raw_tables() if table not in ('products', 'pages', 'fx_rates') -%}
{% do continued.append(table) -%}
{% endfor %}

with

counted as (

    -- counted in the raw tables themselves, so that a row lost on the way shows
    {% for table in raw_tables() -%}
    select
        '{{ table }}' as table_name,
        count(*) as raw_rows
    from {{ source('raw', table) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

taken as (

    {% for table in raw_tables() -%}
    select
        '{{ table }}' as table_name,
        count(*) filter (where row_status = 'superseded') as rows_superseded,
        count(*) filter (where row_status = 'accepted') as rows_accepted,
        {{ plus_days(
            "max(case when row_status <> 'rejected' then loaded_at end)",
            '-' ~ var('look_back_days'),
        ) }} as look_back_start
    from {{ ref('base_' ~ table) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

loads as (

    {% for table in continued -%}
    select
        '{{ table }}' as table_name,
        {{ safe_cast_to('loaded_at', 'timestamp') }} as loaded_at,
        count(*) as rows_loaded
    from {{ source('raw', table) }}
    group by {{ safe_cast_to('loaded_at', 'timestamp') }}

    union all

    select
        '{{ table }}' as table_name,
        loaded_at,
        -count(*) as rows_loaded
    from {{ ref('base_' ~ table) }}
    group by loaded_at
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

missed as (

    select
        table_name,
        loaded_at,
        sum(rows_loaded) as rows_late
    from loads
    group by table_name, loaded_at
    having sum(rows_loaded) > 0

),

late as (

    -- "a row older than the look-back is counted and reported"
    select
        missed.table_name,
        sum(missed.rows_late) as rows_late
    from missed
    inner join taken
        on
            missed.table_name = taken.table_name
            and missed.loaded_at < taken.look_back_start
    where missed.loaded_at >= timestamp '1900-01-01'
    group by missed.table_name

),

rejections as (

    select
        table_name,
        count(*) as rows_rejected
    from {{ ref('rejected_rows') }}
    group by table_name

),

accounted as (

    select
        counted.table_name,
        cast(counted.raw_rows - coalesce(late.rows_late, 0) as bigint) as rows_read,
        taken.rows_superseded,
        coalesce(rejections.rows_rejected, 0) as rows_rejected,
        taken.rows_accepted,
        cast(coalesce(late.rows_late, 0) as bigint) as rows_late
    from counted
    inner join taken
        on counted.table_name = taken.table_name
    left join rejections
        on counted.table_name = rejections.table_name
    left join late
        on counted.table_name = late.table_name

)

select * from accounted
