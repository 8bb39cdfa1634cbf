{#- The weekly table loses nothing: its media add up to all spend, its outcomes to all orders and
    net sales. -#}
{% set channels = spend_channels() %}
with

mix as (

    select
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        sum({{ channels | join('_cost + ') }}_cost) as cost
    from {{ ref('marketing_mix_weekly') }}

),

orders as (

    select
        count(*) as orders,
        sum(net_sales) as net_sales
    from {{ ref('fct_orders') }}
    where is_valid_order

),

spend as (

    select sum(cost) as cost
    from {{ ref('fct_ad_spend') }}

)

select
    mix.orders,
    mix.net_sales,
    mix.cost
from mix
cross join orders
cross join spend
where
    coalesce(mix.orders, 0) <> orders.orders
    or abs(coalesce(mix.net_sales, 0) - coalesce(orders.net_sales, 0)) > 1e-6
    or abs(coalesce(mix.cost, 0) - coalesce(spend.cost, 0)) > 1e-6
