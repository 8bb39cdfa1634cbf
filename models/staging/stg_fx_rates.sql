with

base_fx_rates as (

    select * from {{ ref('base_fx_rates') }}

),

accepted as (

    select
        rate_date,
        lead(rate_date, 1, date '9999-12-31') over (
            partition by from_currency, to_currency
            order by rate_date
        ) as next_rate_date,
        from_currency,
        to_currency,
        rate,
        loaded_at
    from base_fx_rates
    where row_status = 'accepted'

)

select * from accepted
