{#- One truth: the columns of channel_performance are the KPIs of the same name, by channel. -#}
{% set kpis = {
    'cac': ('customer_acquisition_cost', 'channel'),
    'ltv_to_cac': ('ltv_to_cac', 'acquisition_channel'),
    'roas_platform': ('roas_platform', 'channel'),
    'roas_last_click': ('roas_last_click', 'channel'),
    'roas_data_driven': ('roas_data_driven', 'channel'),
} %}
with

said as (

    {% for column, (kpi, segment_type) in kpis.items() -%}
    select
        '{{ kpi }}' as kpi,
        '{{ segment_type }}' as segment_type,
        period_grain,
        period_start,
        channel,
        {{ column }} as value
    from {{ ref('channel_performance') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    said.kpi,
    said.period_grain,
    said.period_start,
    said.channel,
    said.value,
    kpi_values.value as value_of_the_kpi
from said
left join {{ ref('kpi_values') }} as kpi_values
    on
        said.kpi = kpi_values.kpi
        and said.segment_type = kpi_values.segment_type
        and said.channel = kpi_values.segment_value
        and said.period_grain = kpi_values.period_grain
        and said.period_start = kpi_values.period_start
where
    (said.value is null and kpi_values.value is not null)
    or (said.value is not null and kpi_values.value is null)
    or abs(said.value - kpi_values.value) > 1e-9
