{#- What each channel costs, brings and finds, a month a row: to be read from left to right. Every
    number is that of kpi_values (payback: of channel_performance). -#}
with

kpi_values as (

    select kpi_values.*
    from {{ ref('kpi_values') }} as kpi_values
    inner join {{ ref('int_as_of') }} as as_of
        on kpi_values.period_start <= as_of.as_of
    where
        kpi_values.period_grain = 'month'
        and kpi_values.kpi in (
            'ad_spend',
            'visitors',
            'conversion_rate',
            'orders',
            'average_order_value',
            'net_sales',
            'new_customers',
            'customer_acquisition_cost',
            'clv_365d',
            'ltv_to_cac',
            'nps',
            'csat',
            'order_processing_hours',
            'on_time_delivery_rate'
        )

),

channel_performance as (

    select * from {{ ref('channel_performance') }}
    where period_grain = 'month'

),

pivoted as (

    select
        period_start,
        period_end,
        is_complete_period,
        segment_value as channel,
        max(case when kpi = 'ad_spend' then value end) as ad_spend,
        max(case when kpi = 'visitors' then value end) as visitors,
        max(case when kpi = 'conversion_rate' then value end) as conversion_rate,
        max(case when kpi = 'orders' then value end) as orders,
        max(case when kpi = 'average_order_value' then value end) as average_order_value,
        max(case when kpi = 'net_sales' then value end) as net_sales,
        max(case when kpi = 'new_customers' then value end) as new_customers,
        max(case when kpi = 'customer_acquisition_cost' then value end)
            as customer_acquisition_cost,
        max(case when kpi = 'clv_365d' then value end) as clv_365d,
        max(case when kpi = 'ltv_to_cac' then value end) as ltv_to_cac,
        max(case when kpi = 'nps' then value end) as nps,
        max(case when kpi = 'csat' then value end) as csat,
        max(case when kpi = 'order_processing_hours' then value end) as order_processing_hours,
        max(case when kpi = 'on_time_delivery_rate' then value end) as on_time_delivery_rate
    from kpi_values
    where
        (segment_type = 'acquisition_channel' and kpi in ('new_customers', 'clv_365d'))
        or (segment_type = 'channel' and kpi not in ('new_customers', 'clv_365d'))
    group by period_start, period_end, is_complete_period, segment_value

),

completed as (

    select
        pivoted.period_start,
        pivoted.period_end,
        pivoted.is_complete_period,
        pivoted.channel,
        pivoted.ad_spend,
        pivoted.visitors,
        pivoted.conversion_rate,
        pivoted.orders,
        pivoted.average_order_value,
        pivoted.net_sales,
        pivoted.new_customers,
        pivoted.customer_acquisition_cost,
        pivoted.clv_365d,
        pivoted.ltv_to_cac,
        channel_performance.payback_days,
        pivoted.nps,
        pivoted.csat,
        pivoted.order_processing_hours,
        pivoted.on_time_delivery_rate
    from pivoted
    left join channel_performance
        on
            pivoted.period_start = channel_performance.period_start
            and pivoted.channel = channel_performance.channel

)

select * from completed
