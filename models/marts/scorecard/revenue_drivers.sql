{{ config(materialized='view') }}

{#- What drove the change of net sales: contributions add up to it. -#}
{% set drivers = {
    'visitors': ['visitors', 'previous_visitors', 'visitors_contribution'],
    'orders_per_visitor': ['orders_per_visitor', 'previous_orders_per_visitor', 'orders_per_visitor_contribution'],
    'average_order_value': ['average_order_value', 'previous_average_order_value', 'average_order_value_contribution'],
    'orders_without_session': ['other_sales', 'previous_other_sales', 'orders_without_session_contribution'],
} %}

with

revenue_changes as (

    select * from {{ ref('revenue_changes') }}

),

laid_out as (

    {% for driver, columns in drivers.items() -%}
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        comparison,
        compared_start,
        segment_type,
        segment_value,
        '{{ driver }}' as driver,
        cast({{ columns[0] }} as {{ type_double() }}) as value,
        cast({{ columns[1] }} as {{ type_double() }}) as previous_value,
        {{ columns[2] }} as contribution
    from revenue_changes
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from laid_out
