{#- Measures of each fulfilment stage, for the rollup macro: parcels, and the sum, median and 90th percentile of their hours in the
    stage. Example: {% set measures = fulfilment_stage_measures() %} -#}
{% macro fulfilment_stage_measures() %}
    {%- set measures = {} -%}
    {%- for stage in fulfilment_stages() -%}
        {%- set hours = "case when stage = '" ~ stage ~ "' then stage_hours end" -%}
        {%- do measures.update({
            stage ~ '_shipments': 'count(' ~ hours ~ ')',
            stage ~ '_hours': exact_sum(hours),
            stage ~ '_p50_hours': percentile(hours, 0.5),
            stage ~ '_p90_hours': percentile(hours, 0.9),
        }) -%}
    {%- endfor -%}
    {%- do return(measures) -%}
{% endmacro %}
