{#- The input contract of one raw table, as data: the entry of _staging__sources.yml. Known once
    the project is parsed. Returns {name, required, primary_key: [...], row_checks: [...],
    columns: [{name, type, nullable, accepted, check, references, pii, default, scale,
    is_plan}]}.
    Example: {% set contract = contract('orders') %} -#}
{% macro contract(table) %}
    {%- set source = graph.sources['source.' ~ project_name ~ '.raw.' ~ table] -%}
    {%- set columns = [] -%}
    {%- for column in source.columns.values() -%}
        {%- set meta = dict(column.config.meta) -%}
        {%- do meta.update({'name': column.name, 'type': column.data_type}) -%}
        {%- do columns.append(meta) -%}
    {%- endfor -%}
    {%- do return({
        'name': table,
        'required': source.config.meta.required,
        'primary_key': source.config.meta.primary_key,
        'row_checks': source.config.meta.get('row_checks', []),
        'columns': columns,
    }) -%}
{% endmacro %}
