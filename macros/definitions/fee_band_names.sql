{#- The names of the bands of paid delivery fees below each limit of var shipping_fee_bands: with limits 5 and 10,
    `below_5` and `5_to_10`. Example: {% set names = fee_band_names() %} -#}
{% macro fee_band_names() %}
    {%- set limits = var('shipping_fee_bands') -%}
    {%- set names = ['below_' ~ limits[0]] -%}
    {%- for limit in limits[1:] -%}
        {%- do names.append(limits[loop.index0] ~ '_to_' ~ limit) -%}
    {%- endfor -%}
    {%- do return(names) -%}
{% endmacro %}
