{{ config(materialized='table') }}
{#- Stock is a level: it is averaged over days, or read on the last day. Sales are a flow. Both are
    summed by day, category, brand and warehouse first, so that the many product-days are read once.
    The level at the end of a period is the one of its last snapshot day. -#}
{% set grains = ['day', 'week', 'month', 'quarter', 'year'] %}

with

inventory as (

    select * from {{ ref('fct_inventory') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}
    where is_valid_order

),

order_fulfilment as (

    select * from {{ ref('fct_order_fulfilment') }}

),

refunds as (

    select * from {{ ref('fct_refunds') }}

),

stock_by_day as (

    select
        snapshot_date,
        category,
        brand,
        warehouse_id,
        count(*) filter (where is_on_sale) as listed_product_days,
        count(*) filter (where is_stockout) as stockout_product_days,
        sum(stock_value) as stock_value,
        sum(on_hand) as on_hand
    from inventory
    group by snapshot_date, category, brand, warehouse_id

),

units_returned as (

    select
        order_item_id,
        sum(quantity) as units
    from refunds
    where
        is_valid_order
        and order_item_id is not null
    group by order_item_id

),

sales_by_day as (

    -- "cogs on the order's day, without the units refunded ever"
    select
        order_items.ordered_on,
        order_items.category,
        order_items.brand,
        order_fulfilment.warehouse_id,
        sum((order_items.quantity - coalesce(units_returned.units, 0)) * order_items.unit_cost)
            as cogs_kept,
        sum(order_items.quantity) as units_sold
    from order_items
    left join order_fulfilment
        on order_items.order_id = order_fulfilment.order_id
    left join units_returned
        on order_items.order_item_id = units_returned.order_item_id
    group by
        order_items.ordered_on,
        order_items.category,
        order_items.brand,
        order_fulfilment.warehouse_id

),

booked as (

    select
        snapshot_date as booked_on,
        category,
        brand,
        warehouse_id,
        listed_product_days,
        stockout_product_days,
        stock_value,
        on_hand,
        0 as cogs_kept,
        0 as units_sold
    from stock_by_day

    union all

    select
        ordered_on as booked_on,
        category,
        brand,
        warehouse_id,
        0 as listed_product_days,
        0 as stockout_product_days,
        0 as stock_value,
        0 as on_hand,
        cogs_kept,
        units_sold
    from sales_by_day

),

{{ rollup(
    'booked',
    segments=segment_set('stock'),
    renamed={'warehouse': 'warehouse_id'},
    measures={
        'listed_product_days': 'sum(listed_product_days)',
        'stockout_product_days': 'sum(stockout_product_days)',
        'stock_value_days': 'sum(stock_value)',
        'unit_days': 'sum(on_hand)',
        'cogs_kept': 'sum(cogs_kept)',
        'units_sold': 'sum(units_sold)',
    },
) }},

snapshot_days as (

    select snapshot_date
    from stock_by_day
    group by snapshot_date

),

-- of the shop, for every segment: so the values of the segments add up
last_days as (

    {% for grain in grains -%}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'snapshot_date') }} as period_start,
        count(*) as snapshot_days,
        max(snapshot_date) as last_snapshot_date
    from snapshot_days
    group by {{ first_day_of(grain, 'snapshot_date') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

levels as (

    select
        period_start as snapshot_date,
        segment_type,
        segment_value,
        stock_value_days as stock_value,
        unit_days as units_on_hand
    from rolled_up
    where period_grain = 'day'

),

levelled as (

    select
        rolled_up.period_grain,
        rolled_up.period_start,
        rolled_up.period_end,
        rolled_up.is_complete_period,
        rolled_up.segment_type,
        rolled_up.segment_value,
        last_days.snapshot_days,
        rolled_up.listed_product_days,
        rolled_up.stockout_product_days,
        coalesce(rolled_up.stock_value_days, 0) as stock_value_days,
        coalesce(rolled_up.cogs_kept, 0) as cogs_kept,
        rolled_up.units_sold,
        coalesce(levels.stock_value, 0) as stock_value,
        coalesce(levels.units_on_hand, 0) as units_on_hand
    from rolled_up
    left join last_days
        on
            rolled_up.period_grain = last_days.period_grain
            and rolled_up.period_start = last_days.period_start
    left join levels
        on
            last_days.last_snapshot_date = levels.snapshot_date
            and rolled_up.segment_type = levels.segment_type
            and rolled_up.segment_value = levels.segment_value

),

annualised as (

    -- "cogs of the period x 365 / days of the period with a snapshot" over "mean over the
    -- period's snapshot days of the stock value at cost": null without such a day
    select
        *,
        {{ divide('stock_value_days', 'snapshot_days') }} as mean_stock_value,
        {{ divide('cogs_kept * 365', 'snapshot_days') }} as annual_cogs
    from levelled

),

turned as (

    select
        *,
        {{ divide('annual_cogs', 'mean_stock_value') }} as turnover
    from annualised

)

select * from turned
