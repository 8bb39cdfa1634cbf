with

rejected as (

    {% for table in raw_tables() -%}
    select
        '{{ table }}' as table_name,
        row_key,
        rejection_reason,
        raw_row,
        loaded_at
    from {{ ref('base_' ~ table) }}
    where row_status = 'rejected'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

numbered as (

    select
        table_name,
        row_key,
        rejection_reason,
        raw_row,
        loaded_at,
        row_number() over (
            partition by table_name, row_key, rejection_reason
            order by loaded_at nulls last, raw_row
        ) as copy_number
    from rejected

),

keyed as (

    -- several broken copies of a key are several rows: nothing is lost
    select
        table_name,
        case
            when copy_number = 1 then row_key
            else concat(row_key, '#', copy_number)
        end as row_key,
        rejection_reason as reason,
        raw_row,
        loaded_at
    from numbered

)

select * from keyed
