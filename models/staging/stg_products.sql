with

base_products as (

    select * from {{ ref('base_products') }}

),

accepted as (

    select
        product_id,
        sku,
        product_name,
        category,
        subcategory,
        brand,
        list_price,
        unit_cost,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        launched_on,
        discontinued_on,
        loaded_at
    from base_products
    where row_status = 'accepted'

)

select * from accepted
