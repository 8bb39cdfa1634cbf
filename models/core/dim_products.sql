with

products as (

    select * from {{ ref('stg_products') }}

),

described as (

    select
        product_id,
        sku,
        product_name,
        category,
        subcategory,
        brand,
        currency,
        list_price,
        unit_cost,
        launched_on,
        discontinued_on
    from products

)

select * from described
