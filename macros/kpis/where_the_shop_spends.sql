{#- A measure of a marketing rollup, null in a shop without any row of spend, where `cost` is null:
    "a shop whose `ad_spend` has no row has no cost KPI".
    Example: {{ where_the_shop_spends('orders') }} -#}
{%- macro where_the_shop_spends(measure) -%}
    case when cost is not null then {{ measure }} end
{%- endmacro -%}
