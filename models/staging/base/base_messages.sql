with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('messages') }}

),

cast_rows as (

    select
        {{ typed_columns('messages') }}
    from raw_rows

),

{{ repeated_keys('messages') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('messages') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('messages') }}

select * from newest_copies
