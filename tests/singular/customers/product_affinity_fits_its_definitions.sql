-- Both directions of a pair are there, with the same orders, support and lift; support, confidence
-- and lift fit the counts, and the counts the orders of the shop.
with

pairs as (

    select * from {{ ref('product_affinity') }}

),

base as (

    select count(*) as orders
    from {{ ref('fct_orders') }}
    where is_valid_order

)

select
    pairs.level,
    pairs.antecedent,
    pairs.consequent
from pairs
cross join base
left join pairs as mirrored
    on
        pairs.level = mirrored.level
        and pairs.antecedent = mirrored.consequent
        and pairs.consequent = mirrored.antecedent
where
    mirrored.level is null
    or pairs.antecedent = pairs.consequent
    or pairs.orders <> base.orders
    or pairs.orders_with_both <> mirrored.orders_with_both
    or pairs.antecedent_orders <> mirrored.consequent_orders
    or pairs.support <> mirrored.support
    or abs(pairs.lift - mirrored.lift) > 1e-12 * pairs.lift
    or pairs.orders_with_both > least(pairs.antecedent_orders, pairs.consequent_orders)
    or greatest(pairs.antecedent_orders, pairs.consequent_orders) > pairs.orders
    or pairs.orders_with_both < {{ var('affinity_minimum_orders') }}
    or abs(pairs.support * pairs.orders - pairs.orders_with_both) > 1e-9 * pairs.orders_with_both
    or abs(pairs.confidence * pairs.antecedent_orders - pairs.orders_with_both)
    > 1e-9 * pairs.orders_with_both
    or abs(pairs.lift * pairs.consequent_orders - pairs.confidence * pairs.orders)
    > 1e-9 * pairs.confidence * pairs.orders
