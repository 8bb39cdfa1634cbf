with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('orders') }}

),

cast_rows as (

    select
        {{ typed_columns('orders') }}
    from raw_rows

),

{{ repeated_keys('orders') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('orders', rated_on=local_day('typed.ordered_at')) }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ rejection_reason([no_rate('typed.ordered_at')]) }} as rejection_reason
    from typed
    {{ join_fx_rates('typed.currency', local_day('typed.ordered_at')) }}

),

{{ newest_copies('orders', others=['reporting_rate']) }}

select * from newest_copies
