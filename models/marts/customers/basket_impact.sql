{#- Baskets with and without a promotion, and by delivery fee band. The difference to the reference
    is given plain, and at equal mix: within orders of the same main category and customer type,
    weighted by how many orders of both sides are of that kind. -#}
{% set bands = var('shipping_fee_bands') %}
{% set band_names = fee_band_names() %}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

order_items as (

    select * from {{ ref('fct_order_items') }}
    where is_valid_order

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}
    where entry_type in ('sale', 'refund')

),

margins as (

    select
        order_id,
        sum(gross_margin) as gross_margin
    from sales_entries
    group by order_id

),

category_sales as (

    select
        order_id,
        coalesce(category, 'unknown') as category,
        sum(net_sales) as net_sales
    from order_items
    group by order_id, coalesce(category, 'unknown')

),

-- the category that most of the order's money went to; equal sums by name
main_categories as (

    select
        order_id,
        category
    from category_sales
    qualify
        row_number() over (
            partition by order_id
            order by net_sales desc, category asc
        ) = 1

),

baskets as (

    select
        orders.order_id,
        orders.ordered_on,
        orders.promotion,
        case
            when orders.shipping_fee <> 'paid' then orders.shipping_fee
            {% for band in bands -%}
            when orders.shipping_amount - coalesce(orders.shipping_discount_amount, 0) < {{ band }}
                then 'paid_{{ band_names[loop.index0] }}'
            {% endfor -%}
            else 'paid_from_{{ bands | last }}'
        end as shipping_fee,
        cast(orders.net_sales as {{ type_double() }}) as net_sales,
        orders.units,
        cast(margins.gross_margin as {{ type_double() }}) as gross_margin,
        concat(coalesce(main_categories.category, 'unknown'), '|', orders.customer_type) as mix
    from orders
    left join margins
        on orders.order_id = margins.order_id
    left join main_categories
        on orders.order_id = main_categories.order_id

),

levered as (

    {% for lever, reference in [('promotion', 'without_promotion'), ('shipping_fee', 'free')] -%}
    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] -%}
    select
        '{{ lever }}' as lever,
        {{ lever }} as level,
        '{{ reference }}' as reference_level,
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'ordered_on') }} as period_start,
        mix,
        net_sales,
        units,
        gross_margin
    from baskets
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- squares of the distance to a mean would need a second pass: these are sums
mixes as (

    select
        lever,
        level,
        reference_level,
        period_grain,
        period_start,
        mix,
        count(*) as orders,
        {{ exact_sum('net_sales') }} as net_sales,
        {{ exact_sum('net_sales * net_sales', wide=true) }} as squared_net_sales,
        sum(units) as units,
        {{ exact_sum('gross_margin') }} as gross_margin,
        count(gross_margin) as orders_with_margin
    from levered
    group by lever, level, reference_level, period_grain, period_start, mix

),

mixes_measured as (

    select
        *,
        {{ divide('net_sales', 'orders') }} as mean,
        -- variance of the mean; null for a single order
        {{ divide(
            'greatest(squared_net_sales - net_sales * net_sales / orders, 0)',
            '(orders - 1) * orders',
        ) }} as variance_of_mean
    from mixes

),

levels as (

    select
        lever,
        level,
        reference_level,
        period_grain,
        period_start,
        cast(sum(orders) as bigint) as orders,
        {{ exact_sum('net_sales') }} as net_sales,
        {{ exact_sum('squared_net_sales', wide=true) }} as squared_net_sales,
        cast(sum(units) as {{ type_double() }}) as units,
        {{ exact_sum('gross_margin') }} as gross_margin,
        cast(sum(orders_with_margin) as bigint) as orders_with_margin
    from mixes
    group by lever, level, reference_level, period_grain, period_start

),

levels_measured as (

    select
        *,
        {{ divide('net_sales', 'orders') }} as mean,
        {{ divide(
            'greatest(squared_net_sales - net_sales * net_sales / orders, 0)',
            'cast((orders - 1) as ' ~ type_double() ~ ') * orders',
        ) }} as variance_of_mean
    from levels

),

-- kinds of orders that both sides have, two of each at least
matched as (

    select
        mixes_measured.lever,
        mixes_measured.level,
        mixes_measured.period_grain,
        mixes_measured.period_start,
        mixes_measured.orders as level_orders,
        mixes_measured.orders + references_measured.orders as weight,
        mixes_measured.mean - references_measured.mean as difference,
        mixes_measured.variance_of_mean + references_measured.variance_of_mean as variance
    from mixes_measured
    inner join mixes_measured as references_measured
        on
            mixes_measured.lever = references_measured.lever
            and mixes_measured.reference_level = references_measured.level
            and mixes_measured.period_grain = references_measured.period_grain
            and mixes_measured.period_start = references_measured.period_start
            and mixes_measured.mix = references_measured.mix
    where
        mixes_measured.level <> mixes_measured.reference_level
        and mixes_measured.orders >= 2
        and references_measured.orders >= 2

),

adjusted as (

    select
        lever,
        level,
        period_grain,
        period_start,
        cast(sum(level_orders) as bigint) as matched_orders,
        {{ divide(exact_sum('weight * difference'), 'sum(weight)') }} as difference,
        {{ divide(
            exact_sum('weight * weight * variance', wide=true), 'sum(weight) * sum(weight)'
        ) }}
            as variance
    from matched
    group by lever, level, period_grain, period_start

),

described as (

    select
        levels_measured.lever,
        levels_measured.level,
        levels_measured.period_grain,
        levels_measured.period_start,
        levels_measured.reference_level,
        levels_measured.orders,
        levels_measured.mean as average_order_value,
        {{ divide('levels_measured.units', 'levels_measured.orders') }} as items_per_order,
        {{ divide('levels_measured.gross_margin', 'levels_measured.orders_with_margin') }}
            as gross_margin_per_order,
        case
            when levels_measured.level <> levels_measured.reference_level
                then levels_measured.mean - references_measured.mean
        end as plain_difference,
        {% for side, sign in [('low', '-'), ('high', '+')] -%}
        case
            when levels_measured.level <> levels_measured.reference_level
                then
                    levels_measured.mean - references_measured.mean
                    {{ sign }} 1.959963984540054e0
                    * sqrt(levels_measured.variance_of_mean + references_measured.variance_of_mean)
        end as plain_ci_{{ side }},
        {% endfor -%}
        adjusted.difference as mix_adjusted_difference,
        adjusted.difference - 1.959963984540054e0 * sqrt(adjusted.variance) as ci_low,
        adjusted.difference + 1.959963984540054e0 * sqrt(adjusted.variance) as ci_high,
        coalesce(adjusted.matched_orders, 0) as matched_orders
    from levels_measured
    left join levels_measured as references_measured
        on
            levels_measured.lever = references_measured.lever
            and levels_measured.reference_level = references_measured.level
            and levels_measured.period_grain = references_measured.period_grain
            and levels_measured.period_start = references_measured.period_start
    left join adjusted
        on
            levels_measured.lever = adjusted.lever
            and levels_measured.level = adjusted.level
            and levels_measured.period_grain = adjusted.period_grain
            and levels_measured.period_start = adjusted.period_start

)

select * from described
