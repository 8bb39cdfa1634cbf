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

    {{ laid_out(drivers) }}

)

select * from laid_out
