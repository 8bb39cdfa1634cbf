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
    {#- Bare events say themselves whose they are and where they came from: they carry the columns of
    a session that do not follow from its events. The table of sessions is not read then. -#}
    {%- if var('sessions_from_events') and table == 'session_events' -%}
        {%- set of_sessions = graph.sources['source.' ~ project_name ~ '.raw.sessions'].columns.values() -%}
        {%- set columns = columns | rejectattr('name', 'equalto', 'session_id') | list -%}
        {%- for column in of_sessions if column.name not in ('session_id', 'started_at', 'ended_at', 'landing_page', 'loaded_at') -%}
            {%- set meta = dict(column.config.meta) -%}
            {%- do meta.update({'name': column.name, 'type': column.data_type}) -%}
            {%- do columns.append(meta) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return({
        'name': table,
        'required': source.config.meta.required,
        'primary_key': source.config.meta.primary_key,
        'row_checks': source.config.meta.get('row_checks', []),
        'columns': columns,
    }) -%}
{% endmacro %}
