{#- Ad spend and leads side by side, each on its own day: the cost of a lead by channel. -#}
with

leads as (

    select * from {{ ref('fct_leads') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

-- "a shop whose `ad_spend` has no row has no cost KPI"
shops_that_spend as (

    select 1 as spends
    from ad_spend
    having count(*) > 0

),

booked as (

    select
        leads.created_on as booked_on,
        leads.channel,
        1 as leads,
        cast(0 as {{ type_money() }}) as cost
    from leads
    cross join shops_that_spend

    union all

    select
        spend_date as booked_on,
        channel,
        0 as leads,
        cost
    from ad_spend

),

{{ rollup(
    'booked',
    segments=['channel'],
    measures={
        'leads': 'sum(leads)',
        'cost': 'sum(cost)',
    },
) }}

select * from rolled_up
