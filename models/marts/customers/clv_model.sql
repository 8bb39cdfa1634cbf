with

fitted as (

    select * from {{ ref('int_clv_fitted') }}

),

described as (

    select
        parameter,
        value,
        note
    from fitted

)

select * from described
