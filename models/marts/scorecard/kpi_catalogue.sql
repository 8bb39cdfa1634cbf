{#- One row a KPI, from its own entry in the project: what BI tools show beside a value. -#}
with

{% if execute -%}
every_kpi as (

    {% for node in kpi_models() %}
    {%- set kpi = node.config.meta.kpi %}
    select
        {{ dbt.string_literal(node.name[4:]) }} as kpi,
        {{ dbt.string_literal(dbt.escape_single_quotes(kpi.label)) }} as label,
        {{ dbt.string_literal(dbt.escape_single_quotes(kpi.label_fr)) }} as label_fr,
        {{ dbt.string_literal(kpi.domain) }} as domain,
        {{ dbt.string_literal(kpi.unit) }} as unit,
        {{ dbt.string_literal(kpi.direction) }} as direction,
        {{ kpi.get('scale', 1) }} as scale,
        {{ 'true' if kpi.proportion else 'false' }} as is_proportion,
        {{ 'true' if kpi.accumulates else 'false' }} as accumulates,
        {{ 'true' if kpi.snapshot else 'false' }} as is_snapshot,
        {% set types = (['all'] + segment_types(kpi.segments)) | unique | join(', ') -%}
        {{ dbt.string_literal(types) }} as segment_types,
        {{ dbt.string_literal(kpi.get('needs', []) | join(', ')) }} as needs,
        {{ dbt.string_literal(kpi.owner) }} as owner,
        {{ dbt.string_literal(dbt.escape_single_quotes(kpi.objective)) }} as objective,
        {{ dbt.string_literal(dbt.escape_single_quotes(kpi.objective_fr)) }} as objective_fr,
        {{ dbt.string_literal(dbt.escape_single_quotes(node.description | trim)) }} as description,
        {{ dbt.string_literal(dbt.escape_single_quotes(kpi.description_fr | trim)) }}
            as description_fr,
        {{ dbt.string_literal(node.original_file_path) }} as defined_in
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

{%- endif %}

select * from every_kpi
