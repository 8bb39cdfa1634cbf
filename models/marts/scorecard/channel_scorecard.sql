{#- What each channel costs, brings and finds, a month a row: to be read from left to right. Every
    number is that of kpi_values (payback: of channel_performance). -#}
{% set kpis = [
    ['ad_spend', 'channel'],
    ['visitors', 'channel'],
    ['conversion_rate', 'channel'],
    ['orders', 'channel'],
    ['average_order_value', 'channel'],
    ['net_sales', 'channel'],
    ['new_customers', 'acquisition_channel'],
    ['customer_acquisition_cost', 'channel'],
    ['clv_365d', 'acquisition_channel'],
    ['ltv_to_cac', 'channel'],
    ['nps', 'channel'],
    ['csat', 'channel'],
    ['order_processing_hours', 'channel'],
    ['on_time_delivery_rate', 'channel'],
] %}

with

kpi_values as (

    select kpi_values.*
    from {{ ref('kpi_values') }} as kpi_values
    inner join {{ ref('int_as_of') }} as as_of
        on kpi_values.period_start <= as_of.as_of
    where kpi_values.period_grain = 'month'

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
        {%- for kpi, type in kpis %}
        max(case when kpi = '{{ kpi }}' then value end) as {{ kpi }}{{ ',' if not loop.last }}
        {%- endfor %}
    from kpi_values
    where
        {%- for kpi, type in kpis %}
        {{ 'or ' if not loop.first }}(kpi = '{{ kpi }}' and segment_type = '{{ type }}')
        {%- endfor %}
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
