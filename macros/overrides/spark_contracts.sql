{#- The columns of a contract as an empty query: contracts say varchar, which on Spark asks for a length.
    Called by dbt to hold a model against its contract. -#}
{%- macro spark__get_empty_schema_sql(columns) -%}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set column = dict(column) -%}
        {%- if column.data_type == 'varchar' -%}
            {%- do column.update({'data_type': type_text()}) -%}
        {%- endif -%}
        {%- do translated.update({name: column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(translated)) }}
{%- endmacro -%}
