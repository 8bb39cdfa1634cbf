{#- The expected daily demand of each product in stock, by warehouse, and how far off it may be. -#}
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

forecasts as (

    select * from {{ ref('int_demand_forecasts') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

products_forecast as (

    select
        product_id,
        {{ divide(exact_sum('case when backtest = 0 then forecast_units end'), '28') }}
            as daily_demand,
        max(
            case
                when backtest <> 0 then null
                -- four weeks are behind the mean of each weekday
                when model = 'same_weekday_mean' then 28
                else base_days
            end
        ) as base_days,
        -- "the forecast's own error": of the four backtests, on days in stock
        {{ divide(
            exact_sum(
                "case when backtest > 0 and is_on_sale and not is_stockout"
                ~ " then (units_sold - forecast_units) * (units_sold - forecast_units) end"
            ),
            "count(case when backtest > 0 and is_on_sale and not is_stockout then 1 end)",
        ) }} as squared_error
    from forecasts
    group by product_id

),

stock_days as (

    select
        inventory.product_id,
        inventory.warehouse_id,
        max(inventory.snapshot_date) as last_snapshot_date,
        count(case when inventory.is_on_sale and not inventory.is_stockout then 1 end)
            as days_in_stock
    from inventory
    inner join as_of
        on
            inventory.snapshot_date <= as_of.as_of
            and {{ plus_days('inventory.snapshot_date', 182) }} > as_of.as_of
    group by inventory.product_id, inventory.warehouse_id

),

sales as (

    select
        order_items.product_id,
        order_fulfilment.warehouse_id,
        sum(order_items.quantity) as units
    from order_items
    inner join order_fulfilment
        on order_items.order_id = order_fulfilment.order_id
    inner join as_of
        on
            order_items.ordered_on <= as_of.as_of
            and {{ plus_days('order_items.ordered_on', 182) }} > as_of.as_of
    group by order_items.product_id, order_fulfilment.warehouse_id

),

paced as (

    -- a warehouse that was out of stock sold less than it would have
    select
        stock_days.product_id,
        stock_days.warehouse_id,
        coalesce(sales.units, 0) as units,
        coalesce({{ divide('182 * sales.units', 'stock_days.days_in_stock') }}, 0) as paced_units
    from stock_days
    left join sales
        on
            stock_days.product_id = sales.product_id
            and stock_days.warehouse_id = sales.warehouse_id

),

warehouses as (

    select
        warehouse_id,
        {{ divide('sum(units) + 1', 'sum(sum(units) + 1) over ()') }} as units_share
    from paced
    group by warehouse_id

),

weighted as (

    -- few sales say little about where the next will be: each product is given five more, spread
    -- as the shop's are
    select
        paced.product_id,
        paced.warehouse_id,
        paced.paced_units
        + 5 * warehouses.units_share as weight
    from paced
    inner join warehouses
        on paced.warehouse_id = warehouses.warehouse_id

),

shared as (

    select
        product_id,
        warehouse_id,
        {{ divide(
            'weight',
            'sum(cast(weight as decimal(38, 12))) over (partition by product_id)',
        ) }} as demand_share
    from weighted

),

described as (

    select
        shared.product_id,
        shared.warehouse_id,
        shared.demand_share,
        products_forecast.base_days,
        shared.demand_share * products_forecast.daily_demand as daily_demand,
        -- each unit goes to the warehouse with the chance of its share: what is left of the
        -- variance of the whole, and what the sharing out adds. Not less than a Poisson's: a
        -- product that happened to sell evenly is not certain to.
        shared.demand_share * shared.demand_share
        * greatest(
            coalesce(products_forecast.squared_error, 0),
            products_forecast.daily_demand
        )
        + shared.demand_share * (1 - shared.demand_share) * products_forecast.daily_demand
            as daily_variance
    from shared
    inner join products_forecast
        on shared.product_id = products_forecast.product_id

)

select * from described
