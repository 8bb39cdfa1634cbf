with

ad_spend as (

    select * from {{ ref('stg_ad_spend') }}

),

described as (

    select
        concat_ws(
            '|', cast(spend_date as {{ type_text() }}), platform, campaign_id, country_code
        ) as ad_spend_id,
        spend_date,
        platform,
        campaign_id,
        campaign_name,
        channel,
        country_code,
        cost,
        impressions,
        clicks,
        platform_conversions,
        platform_conversion_value,
        utm_source,
        utm_medium,
        utm_campaign,
        promoted_category,
        loaded_at
    from ad_spend

)

select * from described
