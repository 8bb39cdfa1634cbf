{#- Writes into the warehouse which run begins to change it, and the size and time of each raw file
    that it will read. A run that is killed leaves its own name, so that `python -m harness publish`
    sees that the tables are not those of the last results; the files are held against it at the
    end (check_raw_files). First of the hooks on-run-start that write.
    Example, in dbt_project.yml: on-run-start: ["{{ record_run() }}"] -#}
{% macro record_run() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'snapshot', 'retry') -%}
        {%- do adapter.dispatch('record_run', 'ecommerce_kpis')() -%}
    {%- endif -%}
{% endmacro %}

{#- Only DuckDB's warehouse is a file that is published, and has its raw tables in files. -#}
{% macro default__record_run() %}
{% endmacro %}

{% macro duckdb__record_run() %}
    {%- do run_query('create schema if not exists runs') -%}
    {%- do run_query('create table if not exists runs.increments (model varchar, settings varchar, look_back_start timestamp, taken_rows bigint,
        taken_digest varchar)') -%}
    {%- do run_query('create table if not exists runs.raw_files as ' ~ raw_files_now()) -%}
    {#- A run that did not reach its end may have read one state of a file and noted the next. -#}
    {%- do run_query("delete from runs.increments where exists (select 1 from runs.increments where model = 'this build') and exists (" ~ raw_files_changed() ~ ')') -%}
    {%- do run_query("create or replace table runs.last_run as select '" ~ invocation_id ~ "' as invocation_id") -%}
    {%- do run_query('create or replace table runs.raw_files as ' ~ raw_files_now()) -%}
{% endmacro %}

{#- A query for the raw files as they are: size and time come with the name, the content is not
    read. -#}
{% macro raw_files_now() %}
    {%- set names = [] -%}
    {%- for table in raw_tables() -%}
        {%- do names.extend(["'" ~ table ~ ".parquet'", "'" ~ table ~ ".csv'"]) -%}
    {%- endfor -%}
    {%- set directory = raw_dir() | replace("'", "''") -%}
    {%- set found = run_query(
        "select file from glob('" ~ directory ~ "/*') where parse_filename(file) in (" ~ names | join(', ') ~ ")"
    ).columns[0].values() -%}
    {%- set files = [] -%}
    {%- for file in found -%}
        {%- do files.append("'" ~ file | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- if not files -%}
        {%- do return("select '' as path, 0::bigint as bytes, null::timestamptz as modified_at where false") -%}
    {%- endif -%}
    {%- do return(
        'select filename as path, size as bytes, last_modified as modified_at from read_blob([' ~ files | join(', ') ~ '])'
    ) -%}
{% endmacro %}
