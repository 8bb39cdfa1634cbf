with

raw_rows as (

    select * from {{ source('raw', 'pages') }}

),

typed as (

    select
        {{ typed_columns('pages') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('pages') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('pages') }},
        {{ base_columns('pages') }}
    from checked

)

select * from numbered
