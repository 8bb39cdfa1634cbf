{#- The days that the forecast and its backtests look at: four backtests of 28 days, and 26 weeks
    before the first. -#}
{% set days = 28 * 4 + 182 %}

with

order_items as (

    select * from {{ ref('fct_order_items') }}
    where is_valid_order

),

products as (

    select * from {{ ref('dim_products') }}

),

inventory as (

    select * from {{ ref('fct_inventory') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

bounds as (

    select
        cast({{ plus_days('as_of', -(days - 1)) }} as date) as first_day,
        as_of as last_day
    from as_of
    where as_of is not null

),

calendar as (

    select {{ days_between('first_day', 'last_day') }} as demand_on
    from bounds

),

sales as (

    select
        product_id,
        ordered_on,
        sum(quantity) as units
    from order_items
    group by product_id, ordered_on

),

stock as (

    -- a product is out of stock where no warehouse has any
    select
        product_id,
        snapshot_date
    from inventory
    group by product_id, snapshot_date
    having sum(on_hand) = 0

),

shop_days as (

    select
        ordered_on,
        {{ divide('sum(discounts)', 'sum(gross_sales)') }} as discount_rate
    from order_items
    group by ordered_on

),

usual_rates as (

    select
        ordered_on,
        discount_rate,
        {{ percentile('discount_rate', 0.5) }} over (
            order by ordered_on
            range between interval '181' day preceding and current row
        ) as usual_discount_rate
    from shop_days

),

promotions as (

    -- the shop as a whole, not the lines that were sold at a discount: to leave out the days on
    -- which a product sold would leave its demand too low
    select ordered_on
    from usual_rates
    where discount_rate >= usual_discount_rate + {{ var('promotion_day_discount_rate') }}

),

described as (

    select
        products.product_id,
        products.category,
        calendar.demand_on,
        {{ iso_weekday('calendar.demand_on') }} as day_of_week,
        coalesce(sales.units, 0) as units,
        coalesce(calendar.demand_on >= products.launched_on, true)
        and coalesce(calendar.demand_on <= products.discontinued_on, true) as is_on_sale,
        stock.product_id is not null as is_stockout,
        promotions.ordered_on is not null as is_promotion
    from calendar
    cross join products
    left join sales
        on
            products.product_id = sales.product_id
            and calendar.demand_on = sales.ordered_on
    left join stock
        on
            products.product_id = stock.product_id
            and calendar.demand_on = stock.snapshot_date
    left join promotions
        on calendar.demand_on = promotions.ordered_on

),

based as (

    select
        product_id,
        category,
        demand_on,
        day_of_week,
        cast(units as bigint) as units,
        is_on_sale,
        is_stockout,
        is_promotion,
        -- "stock-outs and promotions taken out of the base"
        is_on_sale and not is_stockout and not is_promotion as is_base
    from described

)

select * from based
