{#- The columns of a contract as an empty query, of types as Spark calls them (engine_type).
    Called by dbt to hold a model against its contract. -#}
{%- macro spark__get_empty_schema_sql(columns) -%}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set column = dict(column) -%}
        {%- do column.update({'data_type': engine_type(column.data_type)}) -%}
        {%- do translated.update({name: column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(translated)) }}
{%- endmacro -%}
