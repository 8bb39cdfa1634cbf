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
    {%- set changed = run_query(
        'select distinct path from (from runs.raw_files except from (' ~ raw_files_now() ~ ')'
        ~ ' union all (from (' ~ raw_files_now() ~ ') except from runs.raw_files)) order by path'
    ).columns[0].values() -%}
    {%- set problems = [] -%}
    {%- for path in changed -%}
        {%- do problems.append('the file ' ~ path ~ ' changed while the build read it; run the build again once it is complete.') -%}
    {%- endfor -%}
    {%- do stop_with(problems) -%}
{% endmacro %}
