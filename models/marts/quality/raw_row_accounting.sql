with

read_rows as (

    -- counted in the raw tables themselves, so that a row lost on the way shows
    {% for table in raw_tables() -%}
    select
        '{{ table }}' as table_name,
        count(*) as rows_read
    from {{ source('raw', table) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

statuses as (

    {% for table in raw_tables() -%}
    select
        '{{ table }}' as table_name,
        count(*) filter (where row_status = 'superseded') as rows_superseded,
        count(*) filter (where row_status = 'accepted') as rows_accepted
    from {{ ref('base_' ~ table) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

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
        read_rows.table_name,
        read_rows.rows_read,
        statuses.rows_superseded,
        coalesce(rejections.rows_rejected, 0) as rows_rejected,
        statuses.rows_accepted
    from read_rows
    inner join statuses
        on read_rows.table_name = statuses.table_name
    left join rejections
        on read_rows.table_name = rejections.table_name

)

select * from accounted
