with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('inventory_snapshots') }}

),

products as (

    select * from {{ ref('stg_products') }}

),

cast_rows as (

    select
        {{ typed_columns('inventory_snapshots') }}
    from raw_rows

),

{{ repeated_keys('inventory_snapshots') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('inventory_snapshots') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason([
            no_parent('products', 'product_id'),
        ]) }} as rejection_reason
    from typed
    left join products
        on typed.product_id = products.product_id

),

{{ newest_copies('inventory_snapshots') }}

select * from newest_copies
