{#- The nodes of the KPI models (kpi_<id>, with an entry `meta.kpi`), by id. Known once the
    project is parsed.
    Example: {% for node in kpi_models() %} -#}
{%- macro kpi_models() -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('kpi') -%}
        {%- do nodes.append(node) -%}
    {%- endfor -%}
    {%- do return(nodes | sort(attribute='name')) -%}
{%- endmacro -%}
