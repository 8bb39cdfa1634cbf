with

base_ad_spend as (

    select * from {{ ref('base_ad_spend') }}

),

accepted as (

    select
        spend_date,
        platform,
        campaign_id,
        country_code,
        campaign_name,
        channel,
        {{ to_reporting('cost') }} as cost,
        impressions,
        clicks,
        platform_conversions,
        {{ to_reporting('platform_conversion_value') }} as platform_conversion_value,
        utm_source,
        utm_medium,
        utm_campaign,
        promoted_category,
        loaded_at
    from base_ad_spend
    where row_status = 'accepted'

)

select * from accepted
