with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('ad_spend') }}

),

cast_rows as (

    select
        {{ typed_columns('ad_spend') }}
    from raw_rows

),

{{ repeated_keys('ad_spend') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('ad_spend', rated_on="typed.spend_date") }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ rejection_reason([no_rate('typed.spend_date')]) }} as rejection_reason
    from typed
    {{ join_fx_rates('typed.currency', "typed.spend_date") }}

),

{{ newest_copies('ad_spend', others=['reporting_rate']) }}

select * from newest_copies
