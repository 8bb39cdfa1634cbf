{#- The columns of a contract as an empty query: contracts say varchar, which on Spark asks
    for a length, and hugeint, DuckDB's sum of whole numbers, which is a bigint there.
    Called by dbt to hold a model against its contract. -#}
{%- macro spark__get_empty_schema_sql(columns) -%}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set column = dict(column) -%}
        {%- do column.update({'data_type': {'varchar': type_text(), 'hugeint': 'bigint'}.get(column.data_type, column.data_type)}) -%}
        {%- do translated.update({name: column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(translated)) }}
{%- endmacro -%}
