with

raw_rows as (

    select * from {{ source('raw', 'leads') }}

),

typed as (

    select
        {{ typed_columns('leads') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ broken_rules('leads', [no_rate('typed.created_at', ['value'])]) }} as rejection_reason
    from typed
    {{ join_fx_rates('typed.currency', local_day('typed.created_at')) }}

),

numbered as (

    select
        {{ contract_columns('leads') }},
        reporting_rate,
        {{ base_columns('leads') }}
    from checked

)

select * from numbered
