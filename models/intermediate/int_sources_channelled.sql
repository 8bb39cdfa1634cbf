{#- Distinct sources are few: the rules are matched once for each, not once for each session. -#}
with

sessions as (

    select * from {{ ref('stg_sessions') }}

),

channel_rules as (

    select * from {{ ref('channel_rules') }}

),

sources as (

    select
        utm_source,
        utm_medium,
        utm_campaign,
        referrer_host,
        lower(coalesce(
            utm_source,
            case when utm_medium is not null then '(not set)' end,
            referrer_host,
            '(direct)'
        )) as source,
        lower(coalesce(
            utm_medium,
            case
                when utm_source is not null then '(not set)'
                when referrer_host is not null then 'referral'
                else '(none)'
            end
        )) as medium,
        lower(utm_campaign) as campaign
    from sessions
    group by utm_source, utm_medium, utm_campaign, referrer_host

),

matched as (

    select
        sources.utm_source,
        sources.utm_medium,
        sources.utm_campaign,
        sources.referrer_host,
        sources.source,
        sources.medium,
        channel_rules.channel,
        row_number() over (
            partition by
                sources.utm_source, sources.utm_medium, sources.utm_campaign, sources.referrer_host
            order by channel_rules.rule_order
        ) as rule_number
    from sources
    left join channel_rules
        on
            {{ matched('sources.source', 'channel_rules.source_pattern') }}
            and {{ matched('sources.medium', 'channel_rules.medium_pattern') }}
            and {{ matched('sources.campaign', 'channel_rules.campaign_pattern') }}

),

channelled as (

    select
        utm_source,
        utm_medium,
        utm_campaign,
        referrer_host,
        source,
        medium,
        coalesce(channel, 'unassigned') as channel
    from matched
    where rule_number = 1

)

select * from channelled
