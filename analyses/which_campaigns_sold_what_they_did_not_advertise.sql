-- Which campaigns sold what they did not advertise? The share of other categories in the orders
-- credited to a campaign, against the orders of its days that it did not touch: above, the campaign
-- goes with baskets broader than usual (excess_halo). Descriptive; incremental_* needs a control.
with

ranked as (

    select
        campaign_id,
        promoted_category,
        round(cost) as cost,
        round(attributed_net_sales) as attributed_net_sales,
        round(attributed_halo_net_sales) as attributed_halo_net_sales,
        round(halo_share, 3) as halo_share,
        round(untouched_halo_share, 3) as untouched_halo_share,
        round(halo_share - untouched_halo_share, 3) as excess_halo,
        new_customers,
        round(post_campaign_value_90d, 2) as post_campaign_value_90d,
        round(incremental_net_sales) as incremental_net_sales
    from {{ ref('campaign_halo') }}
    where promoted_category is not null
    order by excess_halo desc

)

select * from ranked
