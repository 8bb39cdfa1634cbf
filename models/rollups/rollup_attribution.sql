{#- What each model credits a channel with, beside what the channel cost: both on the same days, so
    that no return mixes two windows. Days are added up first: every measure is additive. -#}
{% set credits = [] %}
{% for model in attribution_models() %}
{% do credits.extend(['orders_' ~ model, 'net_sales_' ~ model, 'new_customers_' ~ model]) %}
{% endfor %}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

order_touches as (

    select * from {{ ref('fct_order_touches') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

spenders as (

    select count(*) > 0 as shop_spends
    from ad_spend

),

credited as (

    -- "An order with no session has no touch and is counted as channel `unknown`."
    select
        coalesce(order_touches.channel, 'unknown') as channel,
        {% for model in attribution_models() -%}
        {% set weight = 'coalesce(order_touches.' ~ model ~ ', 1)' -%}
        coalesce({{ exact_sum(weight) }}, 0) as orders_{{ model }},
        coalesce({{ exact_sum(weight ~ ' * orders.net_sales') }}, 0) as net_sales_{{ model }},
        coalesce(
            {{ exact_sum('case when orders.is_first_order then ' ~ weight ~ ' end') }}, 0
        ) as new_customers_{{ model }},
        {% endfor -%}
        orders.ordered_on as booked_on
    from orders
    left join order_touches
        on orders.order_id = order_touches.order_id
    group by orders.ordered_on, coalesce(order_touches.channel, 'unknown')

),

spent as (

    select
        spend_date as booked_on,
        channel,
        sum(cost) as cost,
        sum(clicks) as clicks,
        sum(platform_conversion_value) as platform_conversion_value
    from ad_spend
    group by spend_date, channel

),

booked as (

    -- spend without any order stays, with zero, and so do orders without spend
    select
        coalesce(credited.channel, spent.channel) as channel,
        case when spenders.shop_spends then coalesce(spent.cost, 0) end as cost,
        coalesce(spent.clicks, 0) as clicks,
        coalesce(spent.platform_conversion_value, 0) as platform_conversion_value,
        {% for credit in credits -%}
        coalesce(credited.{{ credit }}, 0) as {{ credit }},
        {% endfor -%}
        coalesce(credited.booked_on, spent.booked_on) as booked_on
    from credited
    full outer join spent
        on
            credited.booked_on = spent.booked_on
            and credited.channel = spent.channel
    cross join spenders

),

{{ rollup(
    'booked',
    segments=['channel'],
    measures={
        'cost': 'sum(cost)',
        'clicks': 'sum(clicks)',
        'platform_conversion_value': 'sum(platform_conversion_value)',
    },
    exact_sums=dict(zip(credits, credits)),
) }}

select * from rolled_up
