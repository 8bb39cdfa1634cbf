with

raw_rows as (

    select * from {{ source('raw', 'messages') }}

),

typed as (

    select
        {{ typed_columns('messages') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('messages') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('messages') }},
        {{ base_columns('messages') }}
    from checked

)

select * from numbered
