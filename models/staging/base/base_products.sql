with

raw_rows as (

    select * from {{ source('raw', 'products') }}

),

typed as (

    select
        {{ typed_columns('products') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('products') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('products') }},
        {{ base_columns('products') }}
    from checked

)

select * from numbered
