{#- What is known of each campaign, over all of its days, platforms and countries; names, tags and
    category as stated last. -#}
with

ad_spend as (

    select * from {{ ref('stg_ad_spend') }}

),

numbered as (

    select
        campaign_id,
        campaign_name,
        platform,
        channel,
        lower(utm_source) as utm_source,
        lower(utm_medium) as utm_medium,
        lower(utm_campaign) as utm_campaign,
        promoted_category,
        spend_date,
        cost,
        row_number() over (
            partition by campaign_id
            order by spend_date desc, platform asc, country_code asc nulls last
        ) as row_number
    from ad_spend

),

campaigns as (

    select
        campaign_id,
        max(case when row_number = 1 then campaign_name end) as campaign_name,
        max(case when row_number = 1 then platform end) as platform,
        max(case when row_number = 1 then channel end) as channel,
        max(case when row_number = 1 then utm_source end) as utm_source,
        max(case when row_number = 1 then utm_medium end) as utm_medium,
        max(case when row_number = 1 then utm_campaign end) as utm_campaign,
        coalesce(
            bool_or(row_number = 1 and (utm_campaign is not null or utm_source is not null)), false
        ) as is_tagged,
        max(case when row_number = 1 then promoted_category end) as promoted_category,
        min(spend_date) as first_spend_on,
        max(spend_date) as last_spend_on,
        sum(cost) as cost
    from numbered
    group by campaign_id

)

select * from campaigns
