with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('sessions') }}

),

cast_rows as (

    select
        {{ typed_columns('sessions') }}
    from raw_rows

),

{{ repeated_keys('sessions') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('sessions') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('sessions') }}

select * from newest_copies
