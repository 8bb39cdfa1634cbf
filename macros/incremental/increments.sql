{#- Decides, before anything is built, which tables can be continued. `runs.increments` says of each
    incremental table under which settings it was built; a table that is not in it is built
    anew. Settings are the project's files (a definition that changes is one for all periods),
    the vars but as_of, the folder of the raw tables and the salt.

    Of each raw table it says besides what was read of the rows older than the look-back. Where
    some of them are gone or different, the table is not the one that was read: everything is
    built anew. Where there are more, they are late: they stay out and are reported (late_rows).

    Called on-run-start, once the run is recorded (record_run) and the raw tables are open. -#}
{% macro open_increments() %}
    {%- if execute and flags.WHICH in ('run', 'build', 'retry') and target.type == 'duckdb' -%}
        {%- set settings = build_settings() -%}
        {%- do run_query("delete from runs.increments where model = 'this build' or settings <> '" ~ settings ~ "'") -%}
        {%- set recorded = run_query('select model, look_back_start, taken_rows, taken_digest from runs.increments where taken_rows is not null') -%}
        {%- for model, start, rows, digest in recorded.rows if not flags.FULL_REFRESH -%}
            {%- set table = model | replace('base_', '', 1) -%}
            {%- set now = run_query(rows_taken(table, "timestamp '" ~ start ~ "'")).rows[0] -%}
            {%- if now[0] < rows or (now[0] == rows and now[1] != digest) -%}
                {%- do log('Input: rows of `' ~ table ~ '` that were read before are gone or different, with the same loaded_at; all tables are built anew.', info=true) -%}
                {%- do run_query('delete from runs.increments') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- call statement(auto_begin=true) -%}
            insert into runs.increments (model, settings) values ('this build', '{{ settings }}')
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{% endmacro %}

{#- What the tables of a build depend on besides the rows, as one text. -#}
{% macro build_settings() %}
    {%- set given = invocation_args_dict.get('vars', {}) -%}
    {%- set given = dict(fromyaml(given) if given is string else given) -%}
    {%- do given.pop('as_of', none) -%}
    {%- set files = run_query("select md5(string_agg(content, '' order by filename)) from read_text(['dbt_project.yml', 'm*/**/*.sql', 'm*/**/*.py',
        'models/staging/*.yml', 'kpi_models/*.py', 'seeds/*.csv'])").columns[0].values()[0] -%}
    {%- do return(local_md5(tojson(given, sort_keys=true) ~ raw_dir() ~ env_var('PII_SALT', '') ~ files)) -%}
{% endmacro %}

{#- A query for the number of rows of a raw table loaded before `start` (SQL), and their digest. -#}
{% macro rows_taken(table, start) %}
    {%- set loaded_at = safe_cast_to(adapter.quote('loaded_at'), 'timestamp') -%}
    select
        count(*) as taken_rows,
        cast(coalesce(sum({{ row_digest() }}), 0) as varchar) as taken_digest
    from {{ source('raw', table) }}
    where {{ loaded_at }} >= timestamp '1900-01-01' and {{ loaded_at }} < {{ start }}
{% endmacro %}

{#- Writes down that a table can be continued, in the transaction that builds it. Called after each
    incremental model is built. -#}
{% macro record_increment() %}
    {%- if execute and model.config.materialized == 'incremental' -%}
        delete from runs.increments where model = '{{ this.identifier }}';
        insert into runs.increments
        {%- if this.identifier.startswith('base_') %}
        {%- set start = look_back_start(this) %}
        select '{{ this.identifier }}', build.settings, {{ start }}, taken.taken_rows, taken.taken_digest
        from runs.increments as build
        cross join ({{ rows_taken(this.identifier | replace('base_', '', 1), start) }}) as taken
        {%- else %}
        select '{{ this.identifier }}', build.settings, null, null, null
        from runs.increments as build
        {%- endif %}
        where build.model = 'this build'
    {%- endif -%}
{% endmacro %}
