with

orders as (

    select * from {{ ref('stg_orders') }}

),

sessions as (

    select * from {{ ref('stg_sessions') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

bounds as (

    select
        least(
            coalesce((select min(orders.ordered_on) from orders), as_of.as_of),
            coalesce((select min(sessions.started_on) from sessions), as_of.as_of),
            as_of
        ) as first_day,
        as_of as last_day
    from as_of
    where as_of is not null

),

days as (

    select {{ days_between('first_day', 'last_day') }} as date_day
    from bounds

),

described as (

    select
        date_day,
        {{ first_day_of('week', 'date_day') }} as week_start,
        {{ first_day_of('month', 'date_day') }} as month_start,
        {{ first_day_of('quarter', 'date_day') }} as quarter_start,
        {{ first_day_of('year', 'date_day') }} as year_start,
        {{ iso_weekday('date_day') }} as day_of_week
    from days

)

select * from described
