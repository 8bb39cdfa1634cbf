{#- Copies files into the tables of schema `raw`, where the engine does not read them in place. `files` is
    {table: [format, path]}, format parquet or csv (read as text, as it came); a table without a
    file is an empty one of the contract's shape. Called by `python -m harness load`.
    Example: dbt run-operation load_raw_tables --target spark --args '{files: {orders: [csv, /shop/orders.csv]}}' -#}
{% macro load_raw_tables(files) %}
    {%- do run_query('create schema if not exists raw') -%}
    {%- for table in raw_tables() -%}
        {%- do adapter.dispatch('load_raw_table', 'ecommerce_kpis')(table, files.get(table)) -%}
    {%- endfor -%}
{% endmacro %}

{% macro spark__load_raw_table(table, file) %}
    {%- set relation = 'raw.' ~ adapter.quote(table) -%}
    {%- if file is none -%}
        {%- set query = empty_raw_table(table) -%}
    {%- else -%}
        {%- set options = ", header 'true', multiLine 'true', escape '\"'" if file[0] == 'csv' else '' -%}
        {%- do run_query('create or replace temporary view loaded_file using ' ~ file[0] ~ ' options (path ' ~ text_literal(file[1]) ~ options ~ ')') -%}
        {%- set query = 'select * from loaded_file' -%}
    {%- endif -%}
    {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- do run_query('create table ' ~ relation ~ ' as ' ~ query) -%}
{% endmacro %}

{#- DuckDB reads the files where they are (open_raw_tables); elsewhere, load them as the engine does best. -#}
{% macro default__load_raw_table(table, file) %}
    {%- do exceptions.raise_compiler_error('load_raw_tables is for Spark; ' ~ target.type ~ ' reads the files in place or has loaders of its own.') -%}
{% endmacro %}
