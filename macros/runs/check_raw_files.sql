{#- Fails the run where a raw file changed while it was read: models read the tables at different
    moments, and two states of a shop in one build would agree with neither. Called on-run-end.
    Example, in dbt_project.yml: on-run-end: ["{{ check_raw_files() }}"] -#}
{% macro check_raw_files() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') -%}
        {%- do adapter.dispatch('check_raw_files', 'ecommerce_kpis')() -%}
    {%- endif -%}
{% endmacro %}

{% macro default__check_raw_files() %}
{% endmacro %}

{% macro duckdb__check_raw_files() %}
    {%- set problems = [] -%}
    {%- for path in run_query(raw_files_changed() ~ ' order by path').columns[0].values() -%}
        {%- do problems.append('the file ' ~ path ~ ' changed while the build read it; run the build again once it is complete.') -%}
    {%- endfor -%}
    {%- do stop_with(problems) -%}
    {%- call statement(auto_begin=true) -%}
        delete from runs.increments where model = 'this build'
    {%- endcall -%}
    {%- do adapter.commit() -%}
{% endmacro %}

{#- A query for the raw files that are not what they were when the last run began (path). -#}
{% macro raw_files_changed() %}
    {%- set now = raw_files_now() -%}
    {%- do return(
        'select path from (from runs.raw_files except from (' ~ now ~ ') union (from (' ~ now ~ ') except from runs.raw_files)) group by path'
    ) -%}
{% endmacro %}
