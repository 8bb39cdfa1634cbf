with

raw_rows as (

    select * from {{ source('raw', 'sessions') }}

),

typed as (

    select
        {{ typed_columns('sessions') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('sessions') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('sessions') }},
        {{ base_columns('sessions') }}
    from checked

)

select * from numbered
