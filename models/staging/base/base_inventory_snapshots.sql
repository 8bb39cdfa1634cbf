with

raw_rows as (

    select * from {{ source('raw', 'inventory_snapshots') }}

),

products as (

    select * from {{ ref('stg_products') }}

),

typed as (

    select
        {{ typed_columns('inventory_snapshots') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('inventory_snapshots', [
            no_parent('products', 'product_id'),
        ]) }} as rejection_reason
    from typed
    left join products
        on typed.product_id = products.product_id

),

numbered as (

    select
        {{ contract_columns('inventory_snapshots') }},
        {{ base_columns('inventory_snapshots') }}
    from checked

)

select * from numbered
