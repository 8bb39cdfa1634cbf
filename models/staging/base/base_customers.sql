with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('customers') }}

),

cast_rows as (

    select
        {{ typed_columns('customers') }}
    from raw_rows

),

{{ repeated_keys('customers') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('customers') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('customers') }}

select * from newest_copies
