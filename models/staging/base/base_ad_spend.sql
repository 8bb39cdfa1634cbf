with

raw_rows as (

    select * from {{ source('raw', 'ad_spend') }}

),

typed as (

    select
        {{ typed_columns('ad_spend') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ broken_rules('ad_spend', [no_rate('typed.spend_date')]) }} as rejection_reason
    from typed
    {{ join_fx_rates('typed.currency', "typed.spend_date") }}

),

numbered as (

    select
        {{ contract_columns('ad_spend') }},
        reporting_rate,
        {{ base_columns('ad_spend') }}
    from checked

)

select * from numbered
