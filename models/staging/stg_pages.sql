with

base_pages as (

    select * from {{ ref('base_pages') }}

),

accepted as (

    select
        page_path,
        page_type,
        title,
        topic,
        published_on,
        loaded_at
    from base_pages
    where row_status = 'accepted'

)

select * from accepted
