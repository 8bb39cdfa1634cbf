{{ config(materialized='view') }}

{#- More visitors, or other visitors? The change of sales with a session by channel or device, the
    mix apart from the rates. -#}
{% set drivers = {
    'visitors': ['segments_visitors', 'previous_segments_visitors', 'all_visitors_contribution'],
    'mix': ['visitor_share', 'previous_visitor_share', 'mix_contribution'],
    'orders_per_visitor': ['orders_per_visitor', 'previous_orders_per_visitor', 'orders_per_visitor_contribution'],
    'average_order_value': ['average_order_value', 'previous_average_order_value', 'average_order_value_contribution'],
} %}

with

revenue_changes as (

    select * from {{ ref('revenue_changes') }}
    where
        segment_type <> 'all'
        -- orders without a session have no mix
        and (
            visitors + previous_visitors > 0
            or average_order_value is not null
            or previous_average_order_value is not null
        )

),

laid_out as (

    {{ laid_out(drivers) }}

)

select * from laid_out
