with

raw_rows as (

    select * from {{ source('raw', 'orders') }}

),

typed as (

    select
        {{ typed_columns('orders') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ broken_rules('orders', [no_rate('typed.ordered_at')]) }} as rejection_reason
    from typed
    {{ join_fx_rates('typed.currency', local_day('typed.ordered_at')) }}

),

numbered as (

    select
        {{ contract_columns('orders') }},
        reporting_rate,
        {{ base_columns('orders') }}
    from checked

)

select * from numbered
