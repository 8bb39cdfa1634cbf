{#- A table ready for a marketing-mix model: one row a week and country, outcomes, controls, and one
    column a channel for each medium, as Meridian and PyMC-Marketing read them. Channels are those
    the input contract knows. Nothing is estimated here. -#}
{% set channels = spend_channels() %}

with

sales as (

    select * from {{ ref('rollup_sales') }}
    where
        period_grain = 'week'
        and segment_type = 'country_code'

),

outcomes as (

    select * from {{ ref('rollup_marketing') }}
    where
        period_grain = 'week'
        and segment_type = 'country_code'

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

media as (

    select
        {{ first_day_of('week', 'spend_date') }} as week_start,
        {% for channel in channels -%}
        sum(case when channel = '{{ channel }}' then cost else 0 end) as {{ channel }}_cost,
        sum(case when channel = '{{ channel }}' then coalesce(impressions, 0) else 0 end)
            as {{ channel }}_impressions,
        sum(case when channel = '{{ channel }}' then coalesce(clicks, 0) else 0 end)
            as {{ channel }}_clicks,
        {% endfor -%}
        country_code
    from ad_spend
    group by {{ first_day_of('week', 'spend_date') }}, country_code

),

weeks as (

    select
        period_start as week_start,
        period_end as week_end,
        is_complete_period as is_complete_week
    from outcomes
    group by period_start, period_end, is_complete_period

),

countries as (

    select segment_value as country_code
    from outcomes
    group by segment_value

),

filled as (

    -- every country has every week: a week without sales is a week of zero
    select
        weeks.week_start,
        weeks.week_end,
        weeks.is_complete_week,
        cast(coalesce(outcomes.orders, 0) as bigint) as orders,
        cast(coalesce(outcomes.new_customers, 0) as bigint) as new_customers,
        cast(coalesce(sales.net_sales, 0) as {{ type_double() }}) as net_sales,
        cast(sales.gross_margin as {{ type_double() }}) as gross_margin,
        {{ divide('sales.discounts', 'sales.gross_sales') }} as discount_rate,
        {% for channel in channels -%}
        cast(coalesce(media.{{ channel }}_cost, 0) as {{ type_double() }}) as {{ channel }}_cost,
        cast(coalesce(media.{{ channel }}_impressions, 0) as bigint) as {{ channel }}_impressions,
        cast(coalesce(media.{{ channel }}_clicks, 0) as bigint) as {{ channel }}_clicks,
        {% endfor -%}
        countries.country_code
    from weeks
    cross join countries
    left join outcomes
        on
            weeks.week_start = outcomes.period_start
            and countries.country_code = outcomes.segment_value
    left join sales
        on
            weeks.week_start = sales.period_start
            and countries.country_code = sales.segment_value
    left join media
        on
            weeks.week_start = media.week_start
            and countries.country_code = media.country_code

)

select * from filled
