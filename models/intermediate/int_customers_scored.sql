with

customers as (

    select * from {{ ref('int_customers_ordered') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

measured as (

    select
        customers.customer_id,
        {{ days_until('customers.last_order_on', 'as_of.as_of') }} as recency_days,
        customers.orders as frequency,
        customers.net_revenue as monetary
    from customers
    cross join as_of

),

ranked as (

    -- rank() - 1 counts the customers with a strictly worse value: equal values score
    -- alike, which ntile() does not give
    select
        customer_id,
        recency_days,
        frequency,
        monetary,
        count(*) over () as customers,
        rank() over (order by recency_days desc) - 1 as worse_by_recency,
        rank() over (order by frequency) - 1 as worse_by_frequency,
        rank() over (order by monetary) - 1 as worse_by_monetary
    from measured

),

scored as (

    select
        customer_id,
        recency_days,
        frequency,
        monetary,
        1 + cast(floor(5.0 * worse_by_recency / customers) as integer) as rfm_recency,
        1 + cast(floor(5.0 * worse_by_frequency / customers) as integer) as rfm_frequency,
        1 + cast(floor(5.0 * worse_by_monetary / customers) as integer) as rfm_monetary
    from ranked

),

segmented as (

    -- the table in docs/decisions.md, 15
    select
        customer_id,
        recency_days,
        frequency,
        monetary,
        rfm_recency,
        rfm_frequency,
        rfm_monetary,
        case
            when rfm_recency >= 4 and rfm_frequency + rfm_monetary >= 8 then 'champions'
            when rfm_recency >= 4 and rfm_frequency + rfm_monetary >= 5 then 'potential_loyalists'
            when rfm_recency = 5 then 'new_customers'
            when rfm_recency = 4 then 'promising'
            when rfm_recency = 3 and rfm_frequency + rfm_monetary >= 8 then 'loyal_customers'
            when rfm_recency = 3 and rfm_frequency + rfm_monetary >= 5 then 'need_attention'
            when rfm_recency = 3 then 'about_to_sleep'
            when rfm_recency = 1 and rfm_frequency + rfm_monetary >= 8 then 'cannot_lose_them'
            when rfm_frequency + rfm_monetary >= 5 then 'at_risk'
            when rfm_recency = 2 then 'hibernating'
            else 'lost'
        end as rfm_segment
    from scored

)

select * from segmented
