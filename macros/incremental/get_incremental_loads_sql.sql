{#- dbt's incremental strategy `loads`, of base tables: what was loaded since the look-back and all
    copies of the keys that were checked again give way to what `rows_to_check` made of them. -#}
{% macro get_incremental_loads_sql(arguments) %}
    {%- set keys = contract(this.identifier | replace('base_', '', 1)).primary_key -%}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    delete from {{ arguments.target_relation }} as taken
    where
        loaded_at is null
        or loaded_at >= {{ look_back_start(arguments.target_relation) }}
        or exists (
            select 1 from {{ arguments.temp_relation }} as checked
            where
                {%- for key in keys %}
                checked.{{ key }} is not distinct from taken.{{ key }}{{ ' and' if not loop.last }}
                {%- endfor %}
        );
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{% endmacro %}
