-- What to recommend with a product? For each product the three that go with it most surely: bought
-- together more often than by chance (lift above 1), the more sure first.
with

product_affinity as (

    select * from {{ ref('product_affinity') }}
    where
        level = 'product'
        and lift > 1

),

products as (

    select * from {{ ref('dim_products') }}

),

ranked as (

    select
        antecedent,
        consequent,
        orders_with_both,
        confidence,
        lift,
        row_number() over (
            partition by antecedent
            order by confidence desc, lift desc, consequent asc
        ) as recommendation
    from product_affinity

)

select
    ranked.antecedent as product_id,
    bought.product_name,
    ranked.recommendation,
    ranked.consequent as recommended_product_id,
    recommended.product_name as recommended_product_name,
    ranked.orders_with_both,
    ranked.confidence,
    ranked.lift
from ranked
left join products as bought
    on ranked.antecedent = bought.product_id
left join products as recommended
    on ranked.consequent = recommended.product_id
where ranked.recommendation <= 3
order by ranked.antecedent, ranked.recommendation
