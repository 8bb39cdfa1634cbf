with

inventory_snapshots as (

    select * from {{ ref('stg_inventory_snapshots') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

valued as (

    select
        inventory_snapshots.snapshot_date,
        inventory_snapshots.warehouse_id,
        inventory_snapshots.product_id,
        products.category,
        products.brand,
        inventory_snapshots.on_hand,
        inventory_snapshots.on_order,
        -- "product costs and list prices [have the currency of] their product's"
        {{ to_reporting(
            'coalesce(inventory_snapshots.unit_cost, products.unit_cost)',
            reporting_rate('products.currency'),
        ) }} as unit_cost,
        -- "On sale: launched_on <= day <= discontinued_on, null is open."
        coalesce(inventory_snapshots.snapshot_date >= products.launched_on, true)
        and coalesce(inventory_snapshots.snapshot_date <= products.discontinued_on, true)
            as is_on_sale,
        inventory_snapshots.loaded_at
    from inventory_snapshots
    inner join products
        on inventory_snapshots.product_id = products.product_id
    {{ join_fx_rates('products.currency', 'inventory_snapshots.snapshot_date') }}

),

described as (

    select
        snapshot_date,
        warehouse_id,
        product_id,
        category,
        brand,
        on_hand,
        on_order,
        unit_cost,
        cast(on_hand * unit_cost as {{ type_money() }}) as stock_value,
        is_on_sale,
        is_on_sale and on_hand = 0 as is_stockout,
        loaded_at
    from valued

)

select * from described
