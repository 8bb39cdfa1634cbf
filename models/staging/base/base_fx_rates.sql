with

raw_rows as (

    select * from {{ source('raw', 'fx_rates') }}

),

typed as (

    select
        {{ typed_columns('fx_rates') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('fx_rates') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('fx_rates') }},
        {{ base_columns('fx_rates') }}
    from checked

)

select * from numbered
