{% set lead_times = var('warehouse_lead_time_days') %}
{#- A discrete distribution is read up to here, a larger one is taken as normal. -#}
{% set largest = 400 %}

with

inventory as (

    select * from {{ ref('fct_inventory') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}
    where is_valid_order

),

order_fulfilment as (

    select * from {{ ref('fct_order_fulfilment') }}

),

warehouse_demand as (

    select * from {{ ref('int_warehouse_demand') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

last_snapshots as (

    select
        inventory.warehouse_id,
        max(inventory.snapshot_date) as snapshot_date
    from inventory
    inner join as_of
        on inventory.snapshot_date <= as_of.as_of
    group by inventory.warehouse_id

),

stock_history as (

    select
        inventory.product_id,
        min(inventory.snapshot_date) as first_snapshot_date
    from inventory
    group by inventory.product_id

),

stockouts as (

    select
        inventory.product_id,
        inventory.warehouse_id,
        inventory.snapshot_date
    from inventory
    inner join as_of
        on
            inventory.snapshot_date <= as_of.as_of
            and {{ plus_days('inventory.snapshot_date', 90) }} > as_of.as_of
    where inventory.is_stockout

),

last_sales as (

    select
        order_items.product_id,
        max(order_items.ordered_on) as last_sold_on
    from order_items
    inner join as_of
        on order_items.ordered_on <= as_of.as_of
    group by order_items.product_id

),

sales_by_day as (

    select
        order_items.product_id,
        order_fulfilment.warehouse_id,
        order_items.ordered_on,
        sum(order_items.quantity) as units
    from order_items
    inner join order_fulfilment
        on order_items.order_id = order_fulfilment.order_id
    group by order_items.product_id, order_fulfilment.warehouse_id, order_items.ordered_on

),

stockouts_counted as (

    select
        stockouts.product_id,
        stockouts.warehouse_id,
        count(*) as stockout_days,
        coalesce(sum(sales_by_day.units), 0) as units_sold_all_the_same
    from stockouts
    left join sales_by_day
        on
            stockouts.product_id = sales_by_day.product_id
            and stockouts.warehouse_id = sales_by_day.warehouse_id
            and stockouts.snapshot_date = sales_by_day.ordered_on
    group by stockouts.product_id, stockouts.warehouse_id

),

positions as (

    select
        inventory.product_id,
        inventory.warehouse_id,
        inventory.category,
        inventory.snapshot_date,
        inventory.on_hand,
        inventory.on_order,
        inventory.on_hand + coalesce(inventory.on_order, 0) as units_available,
        inventory.unit_cost,
        inventory.stock_value,
        coalesce(warehouse_demand.daily_demand, 0) as daily_demand,
        coalesce(warehouse_demand.daily_variance, 0) as daily_variance,
        warehouse_demand.base_days,
        {% if lead_times -%}
        case inventory.warehouse_id
            {%- for warehouse, days in lead_times.items() %}
            when {{ dbt.string_literal(dbt.escape_single_quotes(warehouse)) }} then {{ days }}
            {%- endfor %}
            else {{ var('lead_time_days') }}
        end as lead_time_days,
        {%- else -%}
        {{ var('lead_time_days') }} as lead_time_days,
        {%- endif %}
        coalesce(stockouts_counted.stockout_days, 0) as stockout_days_90d,
        coalesce(stockouts_counted.units_sold_all_the_same, 0) as units_sold_all_the_same,
        products.launched_on,
        products.discontinued_on,
        last_sales.last_sold_on,
        stock_history.first_snapshot_date,
        as_of.as_of
    from inventory
    inner join last_snapshots
        on
            inventory.warehouse_id = last_snapshots.warehouse_id
            and inventory.snapshot_date = last_snapshots.snapshot_date
    inner join products
        on inventory.product_id = products.product_id
    inner join stock_history
        on inventory.product_id = stock_history.product_id
    cross join as_of
    left join warehouse_demand
        on
            inventory.product_id = warehouse_demand.product_id
            and inventory.warehouse_id = warehouse_demand.warehouse_id
    left join stockouts_counted
        on
            inventory.product_id = stockouts_counted.product_id
            and inventory.warehouse_id = stockouts_counted.warehouse_id
    left join last_sales
        on inventory.product_id = last_sales.product_id

),

-- mean and variance of the demand until the next delivery: "SS = z sqrt(LT sd^2 + mu^2 sLT^2)", sd
-- the forecast's own error. The mean itself is uncertain, and its error lasts all the lead time.
lead_time_demand as (

    select
        *,
        daily_demand * lead_time_days as lead_time_mean,
        daily_variance * lead_time_days
        * (1 + coalesce({{ divide('lead_time_days', 'base_days') }}, 0))
        + daily_demand * {{ var('lead_time_sd_days') }}
        * daily_demand * {{ var('lead_time_sd_days') }}
            as lead_time_variance
    from positions

),

-- "For slow movers use Poisson/NB": whole units, a skewed distribution. Negative binomial with this
-- mean and variance, Poisson where the variance is not above the mean.
numbers as (

    select {{ numbers_until(largest) }} as units

),

discrete as (

    select
        lead_time_demand.product_id,
        lead_time_demand.warehouse_id,
        numbers.units,
        lead_time_demand.lead_time_mean as mean,
        lead_time_demand.lead_time_variance as variance,
        lead_time_demand.lead_time_variance
        > lead_time_demand.lead_time_mean * (1 + 1e-9) as is_spread,
        lead_time_demand.lead_time_mean * lead_time_demand.lead_time_mean
        / nullif(lead_time_demand.lead_time_variance - lead_time_demand.lead_time_mean, 0)
            as dispersion
    from lead_time_demand
    inner join numbers
        on
            lead_time_demand.lead_time_mean
            + 6 * sqrt(lead_time_demand.lead_time_variance) + 10 >= numbers.units
    where
        lead_time_demand.lead_time_mean > 0
        and lead_time_demand.lead_time_mean
        + 6 * sqrt(lead_time_demand.lead_time_variance) + 10 <= {{ largest }}

),

-- p(0), and p(k) / p(k - 1), as logarithms
steps as (

    select
        product_id,
        warehouse_id,
        units,
        case
            when units = 0 and is_spread then dispersion * ln(mean / variance)
            when units = 0 then -mean
            when is_spread then ln((1 - mean / variance) * (units - 1 + dispersion) / units)
            else ln(mean / units)
        end as log_step
    from discrete

),

densities as (

    select
        product_id,
        warehouse_id,
        units,
        exp(sum(log_step) over (
            partition by product_id, warehouse_id
            order by units
        )) as density
    from steps

),

cumulated as (

    select
        product_id,
        warehouse_id,
        units,
        sum(density) over (
            partition by product_id, warehouse_id
            order by units
        ) as probability
    from densities

),

quantiles as (

    select
        product_id,
        warehouse_id,
        min(units) as units
    from cumulated
    where probability >= {{ var('service_level') }}
    group by product_id, warehouse_id

),

service as (

    select {{ normal_quantile(var('service_level')).split() | join(' ') }} as deviate

),

planned as (

    select
        lead_time_demand.*,
        case
            when lead_time_demand.lead_time_mean = 0 then 0
            when quantiles.units is not null then quantiles.units
            else
                ceil(
                    lead_time_demand.lead_time_mean
                    + service.deviate * sqrt(lead_time_demand.lead_time_variance)
                )
        end as reorder_point,
        -- nothing is ordered that arrives when it is no longer sold
        lead_time_demand.daily_demand > 0
        and coalesce(
            lead_time_demand.discontinued_on
            > lead_time_demand.as_of + cast(lead_time_demand.lead_time_days as integer),
            true
        ) as is_orderable,
        -- without a known cost, the demand of one lead time
        least(
            coalesce(
                {{ economic_order_quantity(
                    '365 * lead_time_demand.daily_demand',
                    var('order_cost'),
                    var('holding_cost_rate') ~ ' * lead_time_demand.unit_cost',
                ) }},
                lead_time_demand.lead_time_mean
            ),
            {{ var('overstock_cover_days') }} * lead_time_demand.daily_demand
        ) as order_quantity,
        {{ divide('lead_time_demand.on_hand', 'lead_time_demand.daily_demand') }} as days_of_cover,
        lead_time_demand.on_hand > 0
        and coalesce(
            {{ days_until('lead_time_demand.last_sold_on', 'lead_time_demand.as_of') }}
            >= {{ var('dead_stock_days') }},
            true
        )
        -- young products are given the time
        and {{ days_until(
            'greatest(lead_time_demand.first_snapshot_date,'
            ~ ' coalesce(lead_time_demand.launched_on, lead_time_demand.first_snapshot_date))',
            'lead_time_demand.as_of',
        ) }} >= {{ var('dead_stock_days') }} as is_dead
    from lead_time_demand
    cross join service
    left join quantiles
        on
            lead_time_demand.product_id = quantiles.product_id
            and lead_time_demand.warehouse_id = quantiles.warehouse_id

),

judged as (

    select
        *,
        is_orderable and units_available <= reorder_point as is_due,
        concat('on hand and on order ', units_available, ' at or below the reorder point ')
            as reason_to_order,
        case
            when on_hand = 0 then 'out_of_stock'
            when is_dead then 'dead_stock'
            when is_orderable and units_available <= reorder_point then 'reorder'
            when days_of_cover > {{ var('overstock_cover_days') }} then 'overstock'
            else 'healthy'
        end as status
    from planned

),

described as (

    select
        product_id,
        warehouse_id,
        category,
        snapshot_date,
        on_hand,
        on_order,
        stock_value,
        daily_demand as average_daily_demand,
        days_of_cover,
        cast(lead_time_days as integer) as lead_time_days,
        lead_time_mean as lead_time_demand,
        greatest(reorder_point - lead_time_mean, 0) as safety_stock,
        cast(reorder_point as bigint) as reorder_point,
        -- enough to be above the reorder point again
        cast(
            case
                when is_due
                    then greatest(ceil(order_quantity), reorder_point + 1 - units_available)
                else 0
            end as bigint
        ) as suggested_order_quantity,
        cast(stockout_days_90d as bigint) as stockout_days_90d,
        greatest(stockout_days_90d * daily_demand - units_sold_all_the_same, 0)
            as estimated_lost_sales_90d,
        status,
        case status
            when 'dead_stock' then stock_value
            when 'overstock'
                then
                    cast(
                        stock_value
                        * (1 - {{ divide(var('overstock_cover_days'), 'days_of_cover') }})
                        as {{ type_money() }}
                    )
            else 0
        end as excess_stock_value,
        case
            when is_due
                then concat(reason_to_order, cast(reorder_point as bigint))
            when status = 'out_of_stock' and is_orderable
                then concat('nothing on hand, ', units_available, ' on order')
            when status = 'out_of_stock' then 'nothing on hand, nothing to be ordered'
            when status = 'dead_stock'
                then 'no unit sold in the last {{ var("dead_stock_days") }} days'
            when status = 'overstock'
                then 'covers more than {{ var("overstock_cover_days") }} days'
            else 'enough for the lead time'
        end as reason
    from judged

)

select * from described
