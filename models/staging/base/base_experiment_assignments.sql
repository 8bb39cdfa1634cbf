with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('experiment_assignments') }}

),

cast_rows as (

    select
        {{ typed_columns('experiment_assignments') }}
    from raw_rows

),

{{ repeated_keys('experiment_assignments') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('experiment_assignments') }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ rejection_reason() }} as rejection_reason
    from typed

),

{{ newest_copies('experiment_assignments') }}

select * from newest_copies
