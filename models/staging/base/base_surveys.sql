with

raw_rows as (

    select * from {{ source('raw', 'surveys') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

),

typed as (

    select
        {{ typed_columns('surveys') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('surveys', [no_parent('orders', 'order_id')]) }} as rejection_reason
    from typed
    left join orders
        on typed.order_id = orders.order_id

),

numbered as (

    select
        {{ contract_columns('surveys') }},
        {{ base_columns('surveys') }}
    from checked

)

select * from numbered
