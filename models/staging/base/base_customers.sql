with

raw_rows as (

    select * from {{ source('raw', 'customers') }}

),

typed as (

    select
        {{ typed_columns('customers') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('customers') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('customers') }},
        {{ base_columns('customers') }}
    from checked

)

select * from numbered
