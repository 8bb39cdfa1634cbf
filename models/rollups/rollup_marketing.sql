{{ config(materialized='table') }}
{#- Spend beside what it is held against: the channel of spend is its own, of a new customer the one
    that acquired him, of an order the one it was placed in. Days are added up first: every measure
    is additive. -#}
{% set sums = [
    'cost', 'impressions', 'clicks', 'platform_conversion_value', 'new_customers', 'orders',
    'net_revenue', 'customers_mature_90d', 'customers_mature_365d',
] %}
{% set grains = ['day', 'week', 'month', 'quarter', 'year'] %}
{% set margins = ['gross_margin_90d', 'gross_margin_365d', 'new_customers_gross_margin_365d'] %}
{#- "new customers whose acquisition channel is one that has spend in the period": whether it has
depends on the period, so each grain has its own count -#}
{% set paid = [] %}
{% for grain in grains %}
{% do paid.append('paid_new_customers_' ~ grain) %}
{% endfor %}
{% set measures = {} %}
{% for name in sums + margins + paid %}
{% do measures.update({name: 'sum(' ~ name ~ ')'}) %}
{% endfor %}

with

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

customer_lifetimes as (

    select * from {{ ref('fct_customer_lifetimes') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}
    where entry_type in ('sale', 'refund')

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

spenders as (

    select count(*) > 0 as shop_spends
    from ad_spend

),

{% for grain in grains -%}
channels_paid_by_{{ grain }} as (

    select
        {{ first_day_of(grain, 'spend_date') }} as period_start,
        channel
    from ad_spend
    where cost > 0
    group by {{ first_day_of(grain, 'spend_date') }}, channel

),

{% endfor -%}
entries as (

    select
        spend_date as booked_on,
        channel,
        channel as acquisition_channel,
        platform,
        country_code,
        cost,
        impressions,
        clicks,
        platform_conversion_value,
        0 as new_customers,
        0 as orders,
        0 as net_revenue,
        0 as customers_mature_90d,
        0 as customers_mature_365d,
        {% for grain in grains -%}
        0 as paid_new_customers_{{ grain }},
        {% endfor -%}
        cast(null as {{ type_money() }}) as gross_margin_90d,
        cast(null as {{ type_money() }}) as gross_margin_365d,
        cast(null as {{ type_money() }}) as new_customers_gross_margin_365d
    from ad_spend

    union all

    select
        customer_lifetimes.first_order_on as booked_on,
        customer_lifetimes.acquisition_channel as channel,
        customer_lifetimes.acquisition_channel,
        null as platform,
        customer_lifetimes.country_code,
        0 as cost,
        0 as impressions,
        0 as clicks,
        0 as platform_conversion_value,
        1 as new_customers,
        0 as orders,
        0 as net_revenue,
        case when customer_lifetimes.is_mature_90d then 1 else 0 end as customers_mature_90d,
        case when customer_lifetimes.is_mature_365d then 1 else 0 end as customers_mature_365d,
        {% for grain in grains -%}
        case when channels_paid_by_{{ grain }}.channel is not null then 1 else 0 end
            as paid_new_customers_{{ grain }},
        {% endfor -%}
        case when customer_lifetimes.is_mature_90d then customer_lifetimes.gross_margin_90d end
            as gross_margin_90d,
        case when customer_lifetimes.is_mature_365d then customer_lifetimes.gross_margin_365d end
            as gross_margin_365d,
        customer_lifetimes.gross_margin_365d as new_customers_gross_margin_365d
    from customer_lifetimes
    {% for grain in grains -%}
    left join channels_paid_by_{{ grain }}
        on
            customer_lifetimes.acquisition_channel = channels_paid_by_{{ grain }}.channel
            and {{ first_day_of(grain, 'customer_lifetimes.first_order_on') }}
            = channels_paid_by_{{ grain }}.period_start
    {% endfor %}

    union all

    select
        ordered_on as booked_on,
        channel,
        acquisition_channel,
        null as platform,
        country_code,
        0 as cost,
        0 as impressions,
        0 as clicks,
        0 as platform_conversion_value,
        0 as new_customers,
        1 as orders,
        0 as net_revenue,
        0 as customers_mature_90d,
        0 as customers_mature_365d,
        {% for grain in grains -%}
        0 as paid_new_customers_{{ grain }},
        {% endfor -%}
        null as gross_margin_90d,
        null as gross_margin_365d,
        null as new_customers_gross_margin_365d
    from orders

    union all

    select
        booked_on,
        channel,
        acquisition_channel,
        null as platform,
        country_code,
        0 as cost,
        0 as impressions,
        0 as clicks,
        0 as platform_conversion_value,
        0 as new_customers,
        0 as orders,
        net_revenue,
        0 as customers_mature_90d,
        0 as customers_mature_365d,
        {% for grain in grains -%}
        0 as paid_new_customers_{{ grain }},
        {% endfor -%}
        null as gross_margin_90d,
        null as gross_margin_365d,
        null as new_customers_gross_margin_365d
    from sales_entries

),

booked as (

    -- "The cost of a cohort is the spend of its month."
    select
        entries.booked_on,
        {{ cohort_of('entries.booked_on') }} as acquisition_cohort,
        entries.channel,
        entries.acquisition_channel,
        entries.platform,
        entries.country_code,
        case when spenders.shop_spends then coalesce(sum(entries.cost), 0) end as cost,
        {% for name in sums if name != 'cost' -%}
        coalesce(sum(entries.{{ name }}), 0) as {{ name }},
        {% endfor -%}
        {% for grain in grains -%}
        sum(entries.paid_new_customers_{{ grain }}) as paid_new_customers_{{ grain }},
        {% endfor -%}
        sum(entries.gross_margin_90d) as gross_margin_90d,
        sum(entries.gross_margin_365d) as gross_margin_365d,
        sum(entries.new_customers_gross_margin_365d) as new_customers_gross_margin_365d
    from entries
    cross join spenders
    group by
        entries.booked_on,
        entries.channel,
        entries.acquisition_channel,
        entries.platform,
        entries.country_code,
        spenders.shop_spends

),

{{ rollup(
    'booked',
    segments=['channel', 'acquisition_channel', 'platform', 'country_code', 'acquisition_cohort'],
    measures=measures,
) }},

matured as (

    select
        rolled_up.period_grain,
        rolled_up.period_start,
        rolled_up.period_end,
        rolled_up.is_complete_period,
        -- "for periods whose last day is 365 days before as_of or more"
        rolled_up.period_end <= cast({{ plus_days('as_of.as_of', -365) }} as date)
            as is_mature_period_365d,
        rolled_up.segment_type,
        {% for name in sums + margins -%}
        rolled_up.{{ name }},
        {% endfor -%}
        case rolled_up.period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then rolled_up.paid_new_customers_{{ grain }}
            {%- endfor %}
        end as paid_new_customers,
        rolled_up.segment_value
    from rolled_up
    cross join as_of
    -- "CAC by acquisition_cohort exists at month grain only."
    where
        rolled_up.segment_type <> 'acquisition_cohort'
        or rolled_up.period_grain = 'month'

)

select * from matured
