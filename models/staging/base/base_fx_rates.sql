{{ config(materialized='table') }}
with

raw_rows as {{ inlined_in_full_builds() }} (

    select * from {{ source('raw', 'fx_rates') }}

),

cast_rows as (

    select
        {{ typed_columns('fx_rates') }}
    from raw_rows

),

{{ repeated_keys('fx_rates') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('fx_rates') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('fx_rates') }}

select * from newest_copies
