with

base_inventory_snapshots as (

    select * from {{ ref('base_inventory_snapshots') }}

),

accepted as (

    select
        snapshot_date,
        warehouse_id,
        product_id,
        on_hand,
        on_order,
        unit_cost,
        loaded_at
    from base_inventory_snapshots
    where row_status = 'accepted'

)

select * from accepted
