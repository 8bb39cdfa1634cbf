{#- Two claims under two names: attributed_* describes what was in the orders that the data-driven
    model shares out to the campaign, incremental_* is there only with a control, and nothing mixes
    the two. -#}
with

campaigns as (

    select * from {{ ref('int_campaigns') }}

),

campaign_touches as (

    select * from {{ ref('fct_campaign_touches') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

order_items as (

    select * from {{ ref('fct_order_items') }}
    where is_valid_order

),

customer_lifetimes as (

    select * from {{ ref('fct_customer_lifetimes') }}

),

customers_acquired as (

    select * from {{ ref('int_customers_acquired') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

tags as (

    select * from {{ ref('int_tags_campaigned') }}

),

incrementality as (

    select * from {{ ref('campaign_incrementality') }}
    where is_claimed

),

shares as (

    select
        order_id,
        campaign_id,
        {{ exact_sum('data_driven') }} as share
    from campaign_touches
    group by order_id, campaign_id

),

orders_shared as (

    select
        shares.campaign_id,
        {{ exact_sum('shares.share') }} as attributed_orders,
        {{ exact_sum('shares.share * orders.net_sales') }} as attributed_net_sales
    from shares
    inner join orders
        on shares.order_id = orders.order_id
    group by shares.campaign_id

),

lines_shared as (

    select
        shares.campaign_id,
        {{ exact_sum(
            'case when order_items.category = campaigns.promoted_category'
            ~ ' then shares.share * order_items.net_sales else 0 end'
        ) }} as promoted_net_sales,
        {{ exact_sum(
            'case when order_items.category = campaigns.promoted_category'
            ~ ' then 0 else shares.share * order_items.net_sales end'
        ) }} as other_net_sales
    from shares
    inner join campaigns
        on
            shares.campaign_id = campaigns.campaign_id
            and campaigns.promoted_category is not null
    inner join order_items
        on shares.order_id = order_items.order_id
    group by shares.campaign_id

),

-- the same share in the orders of the campaign's days that it did not touch
orders_untouched as (

    select
        campaigns.campaign_id,
        sum(
            case
                when order_items.category = campaigns.promoted_category then 0
                else order_items.net_sales
            end
        ) as other_net_sales,
        sum(order_items.net_sales) as net_sales
    from campaigns
    inner join order_items
        on order_items.ordered_on between campaigns.first_spend_on and campaigns.last_spend_on
    left join shares
        on
            campaigns.campaign_id = shares.campaign_id
            and order_items.order_id = shares.order_id
    where
        campaigns.promoted_category is not null
        and shares.order_id is null
    group by campaigns.campaign_id

),

customers_brought as (

    select
        tags.campaign_id,
        count(*) as new_customers,
        count(*) filter (where customer_lifetimes.is_mature_90d) as customers_mature_90d,
        sum(case when customer_lifetimes.is_mature_90d then customer_lifetimes.gross_margin_90d end)
            as gross_margin_90d
    from customers_acquired
    inner join sessions
        on customers_acquired.acquisition_session_id = sessions.session_id
    inner join tags
        on
            sessions.source = tags.source
            and sessions.medium = tags.medium
            and sessions.utm_campaign is not distinct from tags.utm_campaign
            and sessions.channel = tags.channel
    inner join customer_lifetimes
        on customers_acquired.customer_id = customer_lifetimes.customer_id
    group by tags.campaign_id

),

described as (

    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.platform,
        campaigns.channel,
        campaigns.promoted_category,
        cast(campaigns.cost as {{ type_double() }}) as cost,
        -- a campaign without tags cannot be tied to any session: unknown, not zero
        case when campaigns.is_tagged then coalesce(orders_shared.attributed_orders, 0) end
            as attributed_orders,
        case when campaigns.is_tagged then coalesce(orders_shared.attributed_net_sales, 0) end
            as attributed_net_sales,
        lines_shared.promoted_net_sales as attributed_direct_net_sales,
        lines_shared.other_net_sales as attributed_halo_net_sales,
        {{ divide(
            'lines_shared.other_net_sales',
            'lines_shared.promoted_net_sales + lines_shared.other_net_sales',
        ) }} as halo_share,
        {{ divide('orders_untouched.other_net_sales', 'orders_untouched.net_sales') }}
            as untouched_halo_share,
        case when campaigns.is_tagged then coalesce(customers_brought.new_customers, 0) end
            as new_customers,
        {{ divide('customers_brought.gross_margin_90d', 'customers_brought.customers_mature_90d') }}
            as post_campaign_value_90d,
        case
            when campaigns.is_tagged
                then {{ divide(
                    'coalesce(orders_shared.attributed_net_sales, 0)', 'campaigns.cost'
                ) }}
        end as attributed_roas,
        incrementality.incremental_net_sales,
        incrementality.incremental_ci_low,
        incrementality.incremental_ci_high,
        incrementality.incremental_method
    from campaigns
    left join orders_shared
        on campaigns.campaign_id = orders_shared.campaign_id
    left join lines_shared
        on campaigns.campaign_id = lines_shared.campaign_id
    left join orders_untouched
        on campaigns.campaign_id = orders_untouched.campaign_id
    left join customers_brought
        on campaigns.campaign_id = customers_brought.campaign_id
    left join incrementality
        on campaigns.campaign_id = incrementality.campaign_id

)

select * from described
