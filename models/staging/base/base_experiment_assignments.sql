with

raw_rows as (

    select * from {{ source('raw', 'experiment_assignments') }}

),

typed as (

    select
        {{ typed_columns('experiment_assignments') }}
    from raw_rows

),

checked as (

    select
        typed.*,
        {{ broken_rules('experiment_assignments') }} as rejection_reason
    from typed

),

numbered as (

    select
        {{ contract_columns('experiment_assignments') }},
        {{ base_columns('experiment_assignments') }}
    from checked

)

select * from numbered
