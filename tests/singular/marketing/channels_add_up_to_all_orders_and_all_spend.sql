{#- Per period and model, the channels add up to all orders, all net sales and all spend: no spend
    is dropped, no order is counted twice, and spend and sales are of the same days. -#}
{% set grains = ['day', 'week', 'month', 'quarter', 'year'] %}

with

attributed as (

    select
        model,
        period_grain,
        period_start,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        sum(coalesce(cost, 0)) as cost
    from {{ ref('channel_attribution') }}
    group by model, period_grain, period_start

),

models as (

    select model
    from attributed
    group by model

),

orders as (

    select * from {{ ref('rollup_orders') }}
    where segment_type = 'all'

),

spend as (

    {% for grain in grains -%}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'spend_date') }} as period_start,
        sum(cost) as cost
    from {{ ref('fct_ad_spend') }}
    group by {{ first_day_of(grain, 'spend_date') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

expected as (

    select
        models.model,
        coalesce(orders.period_grain, spend.period_grain) as period_grain,
        coalesce(orders.period_start, spend.period_start) as period_start,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.net_sales, 0) as net_sales,
        coalesce(spend.cost, 0) as cost
    from orders
    full outer join spend
        on
            orders.period_grain = spend.period_grain
            and orders.period_start = spend.period_start
    cross join models

)

select
    expected.model,
    expected.period_grain,
    expected.period_start,
    attributed.orders
from expected
full outer join attributed
    on
        expected.model = attributed.model
        and expected.period_grain = attributed.period_grain
        and expected.period_start = attributed.period_start
where
    expected.model is null
    {% for measure in ['orders', 'net_sales', 'cost'] -%}
    or (
        abs(expected.{{ measure }} - attributed.{{ measure }})
        <= 1e-9 * greatest(1, abs(expected.{{ measure }}))
    ) is distinct from true
    {% endfor -%}
    or attributed.model is null
