with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('leads') }}

),

cast_rows as (

    select
        {{ typed_columns('leads') }}
    from raw_rows

),

{{ repeated_keys('leads') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('leads', rated_on=local_day('typed.created_at')) }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ rejection_reason([no_rate('typed.created_at', ['value'])]) }} as rejection_reason
    from typed
    {{ join_fx_rates('typed.currency', local_day('typed.created_at')) }}

),

{{ newest_copies('leads', others=['reporting_rate']) }}

select * from newest_copies
