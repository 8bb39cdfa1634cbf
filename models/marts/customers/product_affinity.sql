{#- What is bought together. Items bought in too few orders cannot be in a pair, and go before the
    pairs are made: that is what keeps a million orders cheap. -#}
with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

order_items as (

    select * from {{ ref('fct_order_items') }}
    where is_valid_order

),

-- "all valid orders, guests and single-item ones in the base"
base as (

    select count(*) as orders from orders

),

contents as (

    select
        'product' as level,
        order_id,
        product_id as item
    from order_items
    group by order_id, product_id

    union all

    select
        'category' as level,
        order_id,
        category as item
    from order_items
    where category is not null
    group by order_id, category

),

items as (

    select
        level,
        item,
        count(*) as orders
    from contents
    group by level, item
    having count(*) >= {{ var('affinity_minimum_orders') }}

),

pairable as (

    select
        contents.level,
        contents.order_id,
        contents.item
    from contents
    inner join items
        on
            contents.level = items.level
            and contents.item = items.item
    qualify count(*) over (partition by contents.level, contents.order_id) > 1

),

pairs as (

    select
        antecedents.level,
        antecedents.item as antecedent,
        consequents.item as consequent,
        count(*) as orders_with_both
    from pairable as antecedents
    inner join pairable as consequents
        on
            antecedents.level = consequents.level
            and antecedents.order_id = consequents.order_id
            and antecedents.item <> consequents.item
    group by antecedents.level, antecedents.item, consequents.item
    -- "from 5 orders with both on"
    having count(*) >= {{ var('affinity_minimum_orders') }}

),

described as (

    select
        pairs.level,
        pairs.antecedent,
        pairs.consequent,
        base.orders,
        antecedents.orders as antecedent_orders,
        consequents.orders as consequent_orders,
        pairs.orders_with_both,
        {{ divide('pairs.orders_with_both', 'base.orders') }} as support,
        {{ divide('pairs.orders_with_both', 'antecedents.orders') }} as confidence,
        -- how many times as often as if the two had nothing to do with each other
        {{ divide(
            'cast(pairs.orders_with_both as ' ~ type_double() ~ ') * base.orders',
            'cast(antecedents.orders as ' ~ type_double() ~ ') * consequents.orders',
        ) }} as lift
    from pairs
    inner join items as antecedents
        on
            pairs.level = antecedents.level
            and pairs.antecedent = antecedents.item
    inner join items as consequents
        on
            pairs.level = consequents.level
            and pairs.consequent = consequents.item
    cross join base

)

select * from described
