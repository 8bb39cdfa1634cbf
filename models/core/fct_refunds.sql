with

refunds as (

    select * from {{ ref('stg_refunds') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}

),

described as (

    select
        refunds.refund_id,
        refunds.order_id,
        refunds.order_item_id,
        order_items.product_id,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        refunds.refunded_at,
        refunds.refunded_on,
        orders.is_valid_order,
        order_items.category,
        order_items.brand,
        refunds.amount,
        -- "with a null quantity it returns no units"
        coalesce(refunds.quantity, 0) as quantity,
        -- "returned units give their cost back"; without a line, or with one of unknown
        -- cost, there is none to give
        cast(
            case
                when refunds.order_item_id is null then 0
                else coalesce(refunds.quantity, 0) * order_items.unit_cost
            end as {{ type_money() }}
        ) as returned_cost,
        case
            when refunds.order_item_id is null then orders.has_known_cost
            else order_items.unit_cost is not null
        end as has_known_cost,
        refunds.reason,
        refunds.loaded_at
    from refunds
    inner join orders
        on refunds.order_id = orders.order_id
    left join order_items
        on refunds.order_item_id = order_items.order_item_id

)

select * from described
