-- What to order today, and why; the dearest orders first.
select
    inventory_position.warehouse_id,
    inventory_position.product_id,
    dim_products.product_name,
    inventory_position.on_hand,
    inventory_position.on_order,
    inventory_position.reorder_point,
    inventory_position.suggested_order_quantity,
    inventory_position.suggested_order_quantity
    * inventory_position.stock_value / nullif(inventory_position.on_hand, 0) as order_value,
    inventory_position.days_of_cover,
    inventory_position.reason
from {{ ref('inventory_position') }} as inventory_position
inner join {{ ref('dim_products') }} as dim_products
    on inventory_position.product_id = dim_products.product_id
where inventory_position.suggested_order_quantity > 0
order by order_value desc nulls last, inventory_position.product_id asc
