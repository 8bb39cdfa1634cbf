with

channels as (

    select * from {{ ref('rollup_attribution') }}
    where segment_type = 'channel'

),

{% for model in attribution_models() -%}
by_{{ model }} as (

    select
        '{{ model }}' as model,
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_value as channel,
        orders_{{ model }} as orders,
        net_sales_{{ model }} as net_sales,
        new_customers_{{ model }} as new_customers,
        cast(cost as {{ type_double() }}) as cost,
        {{ divide('net_sales_' ~ model, 'cost') }} as roas
    from channels

),

{% endfor -%}
every_model as (

    {% for model in attribution_models() -%}
    select * from by_{{ model }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from every_model
