{{ config(materialized='table') }}
with

raw_rows as {{ inlined_in_full_builds() }} (

    select * from {{ source('raw', 'pages') }}

),

cast_rows as (

    select
        {{ typed_columns('pages') }}
    from raw_rows

),

{{ repeated_keys('pages') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('pages') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('pages') }}

select * from newest_copies
