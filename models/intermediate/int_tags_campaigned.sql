{#- Which campaign a session's tags belong to. The campaign tag has to be the campaign's (or, where
    spend states none, source and medium); among several the one whose source, medium and channel
    fit best, then the one that cost most (a trial or a mistaken booking under the same tags takes
    nothing), then the lowest campaign_id. Letter case does not matter; a source spelt in another way
    (FB for facebook) does not lose the session. -#}
with

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

campaigns as (

    select * from {{ ref('int_campaigns') }}

),

tags as (

    select
        source,
        medium,
        utm_campaign,
        channel
    from sessions
    group by source, medium, utm_campaign, channel

),

fitted as (

    select
        tags.source,
        tags.medium,
        tags.utm_campaign,
        tags.channel,
        campaigns.campaign_id,
        row_number() over (
            partition by tags.source, tags.medium, tags.utm_campaign, tags.channel
            order by
                case when tags.source = campaigns.utm_source then 1 else 0 end
                + case when tags.medium = campaigns.utm_medium then 1 else 0 end
                + case when tags.channel = campaigns.channel then 1 else 0 end desc,
                campaigns.cost desc,
                campaigns.campaign_id asc
        ) as fit
    from tags
    inner join campaigns
        on
            lower(tags.utm_campaign) = campaigns.utm_campaign
            or (
                tags.utm_campaign is null
                and campaigns.utm_campaign is null
                and tags.source = campaigns.utm_source
                and tags.medium = campaigns.utm_medium
            )

),

best as (

    select
        source,
        medium,
        utm_campaign,
        channel,
        campaign_id
    from fitted
    where fit = 1

)

select * from best
