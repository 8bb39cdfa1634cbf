-- Capital in dead stock and overstock, and what being out of stock cost in units (an estimate).
select
    warehouse_id,
    status,
    count(*) as positions,
    sum(stock_value) as stock_value,
    sum(excess_stock_value) as excess_stock_value,
    sum(stockout_days_90d) as stockout_days_90d,
    sum(estimated_lost_sales_90d) as estimated_lost_sales_90d
from {{ ref('inventory_position') }}
group by warehouse_id, status
order by warehouse_id asc, excess_stock_value desc nulls last
