{{ config(materialized='table') }}
with

raw_rows as {{ inlined_in_full_builds() }} (

    select * from {{ source('raw', 'products') }}

),

cast_rows as (

    select
        {{ typed_columns('products') }}
    from raw_rows

),

{{ repeated_keys('products') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('products') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('products') }}

select * from newest_copies
