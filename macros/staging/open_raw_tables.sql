{#- Opens the raw tables in place, as views in schema `raw`: on DuckDB over
    <raw_dir>/<table>.parquet or .csv, read where they are; a table declared missing is an empty
    one of the right shape. Elsewhere the tables of schema `raw` are the shop's own. Then holds
    every table against the contract and stops with one sentence for each table or column that
    is not there or not of a type that can be read. Called on-run-start. -#}
{% macro open_raw_tables() %}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'retry', 'freshness') -%}
        {%- do adapter.dispatch('open_raw_tables', 'ecommerce_kpis')() -%}
    {%- endif -%}
{% endmacro %}

{% macro raw_dir() %}
    {%- do return(((var('raw_dir') or env_var('RAW_DIR', 'data/demo')) ~ '').rstrip('/')) -%}
{% endmacro %}

{% macro default__open_raw_tables() %}
    {%- do check_raw_columns() -%}
{% endmacro %}

{% macro duckdb__open_raw_tables() %}
    {%- set directory = raw_dir() | replace("'", "''") -%}
    {%- set files = run_query("select parse_filename(file) as name from glob('" ~ directory | replace('[', '[[]') ~ "/*')").columns[0].values() -%}
    {%- set problems = [] -%}
    {%- set views = [] -%}
    {%- for table in raw_tables() -%}
        {%- set contract = contract(table) -%}
        {%- set parquet, csv = table ~ '.parquet', table ~ '.csv' -%}
        {%- if table in var('missing_tables') or (table == 'sessions' and var('sessions_from_events')) -%}
            {%- do views.append((table, empty_raw_table(table))) -%}
            {%- if table in var('missing_tables') and (parquet in files or csv in files) -%}
                {%- do log('Input: the table `' ~ table ~ '` is in ' ~ directory ~ ' and is not read, as `missing_tables` names it.', info=true) -%}
            {%- endif -%}
        {%- elif parquet in files and csv in files -%}
            {%- do problems.append('there are both ' ~ parquet ~ ' and ' ~ csv ~ ' in ' ~ directory ~ '; keep one of them.') -%}
        {%- elif parquet in files -%}
            {%- do views.append((table, "select * from read_parquet('" ~ directory ~ '/' ~ parquet ~ "')")) -%}
        {%- elif csv in files -%}
            {#- what is not said is guessed from the rows: a key that begins with # is no comment, an apostrophe quotes nothing -#}
            {%- do views.append((table, "select * from read_csv('" ~ directory ~ '/' ~ csv ~ "', header = true, all_varchar = true, quote = '\"', escape = '\"', comment = '')")) -%}
        {%- elif contract.required -%}
            {%- do problems.append('the required table `' ~ table ~ '` is not in ' ~ directory ~ ' (looked for ' ~ parquet ~ ' and ' ~ csv
                ~ '); put it there, or set `raw_dir`.') -%}
        {%- else -%}
            {%- do problems.append('the table `' ~ table ~ '` is neither in ' ~ directory ~ ' (looked for ' ~ parquet ~ ' and ' ~ csv
                ~ ') nor declared missing; put it there or, if the shop does not have it, add it to `missing_tables`.') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do stop_with(problems) -%}
    {%- do run_query('create schema if not exists raw') -%}
    {%- for table, query in views -%}
        {%- do run_query('create or replace view raw.' ~ adapter.quote(table) ~ ' as ' ~ query) -%}
    {%- endfor -%}
    {%- do check_raw_columns() -%}
    {%- set types = {} -%}
    {%- for table, name, type in run_query("select table_name, lower(column_name), data_type from information_schema.columns where table_schema = 'raw'
        and (data_type in ('DOUBLE', 'FLOAT', 'TIMESTAMP WITH TIME ZONE') or data_type like 'DECIMAL%')").rows -%}
        {%- do types.setdefault(table, {}).update({name: type}) -%}
    {%- endfor -%}
    {%- for table, query in views if table in types -%}
        {%- set meant = duckdb_columns_as_meant(table, types[table]) -%}
        {%- if meant -%}
            {%- do run_query('create or replace view raw.' ~ adapter.quote(table) ~ ' as select * replace (' ~ meant | join(', ') ~ ') from (' ~ query ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{#- What columns of a raw table mean whose type (`types`, by name) says something else
    (docs/decisions.md, Reading of the input, 2): a text, such as an id, that came as a number with
    decimals, which is how a whole number with gaps leaves pandas (123.0 is 123); a date that came
    as a moment. As expressions with names. -#}
{% macro duckdb_columns_as_meant(table, types) %}
    {%- set meant = [] -%}
    {%- for column in contract(table).columns if column.name in types -%}
        {%- set raw, type = adapter.quote(column.name), types[column.name] -%}
        {%- set ask = 'select count(*) from raw.' ~ adapter.quote(table) ~ ' where ' -%}
        {%- if column.type == 'varchar' and type != 'TIMESTAMP WITH TIME ZONE' -%}
            {%- if not type.startswith('DECIMAL') and run_query(ask ~ 'isfinite(' ~ raw ~ ') and abs(' ~ raw ~ ') >= ' ~ 2 ** (53 if type == 'DOUBLE' else 24)).columns[0].values()[0] > 0 -%}
                {%- do stop_with(['the column `' ~ table ~ '.' ~ column.name ~ '` is ' ~ type ~ ' and holds numbers of more digits than that can tell apart; give it as text or as a whole number.']) -%}
            {%- endif -%}
            {%- do meant.append('case when isfinite(cast(' ~ raw ~ ' as double)) and ' ~ raw ~ ' = floor(' ~ raw ~ ') then cast(cast(' ~ raw ~ ' as hugeint) as varchar) when isnan(cast(' ~ raw
                ~ ' as double)) then null else cast(' ~ raw ~ ' as varchar) end as ' ~ raw) -%}
        {%- elif column.type == 'date' and type == 'TIMESTAMP WITH TIME ZONE'
            and run_query(ask ~ 'cast(' ~ raw ~ " at time zone 'UTC' as time) <> time '00:00'").columns[0].values()[0] > 0 -%}
            {%- do meant.append('cast(' ~ raw ~ " at time zone '" ~ var('reporting_timezone') ~ "' as date) as " ~ raw) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(meant) -%}
{% endmacro %}

{% macro check_raw_columns() %}
    {#- Types that can be read as each type of the contract, value by value; any other is a problem
    as soon as it holds a value. -#}
    {%- set numbers = '^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|SHORT|LONG|DECIMAL.*|DOUBLE|FLOAT|REAL|CHARACTER VARYING|VARCHAR|STRING|TEXT)$' -%}
    {%- set readable = {
        'varchar': '^(?!.*(STRUCT|MAP|\\[|BLOB|BINARY|ARRAY)).*$',
        'timestamp': '^(TIMESTAMP.*|DATETIME|DATE|CHARACTER VARYING|VARCHAR|STRING|TEXT)$',
        'date': '^(TIMESTAMP.*|DATETIME|DATE|CHARACTER VARYING|VARCHAR|STRING|TEXT)$',
        'boolean': '^(BOOLEAN|BOOL|U?(TINY|SMALL|BIG)?INT|U?INTEGER|CHARACTER VARYING|VARCHAR|STRING|TEXT)$',
        'decimal': numbers, 'integer': numbers, 'bigint': numbers,
    } -%}
    {%- set problems = [] -%}
    {%- for table in raw_tables() -%}
        {%- set relation = api.Relation.create(database=target.database or none, schema='raw', identifier=table) -%}
        {%- set types = {} -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do types.update({column.name | lower: column.dtype | upper}) -%}
        {%- endfor -%}
        {%- set columns = contract(table).columns -%}
        {%- if not columns | selectattr('name', 'in', types) | list -%}
            {%- do problems.append('the table `' ~ table ~ '` has none of its columns; there is ' ~ (types.keys() | join(', ') or 'nothing')
                ~ '. The first line of a CSV file names them, and every line has as many fields (a text with a comma stands in double quotes).') -%}
            {%- set columns = [] -%}
        {%- endif -%}
        {%- for column in columns -%}
            {%- if column.name not in types -%}
                {%- do problems.append('the table `' ~ table ~ '` has no column `' ~ column.name ~ '` (' ~ column.type ~ '); add it'
                    ~ (', null where it is not known.' if column.nullable or column.default else ', filled in every row.')) -%}
            {%- elif not modules.re.match(readable[column.type], types[column.name])
                and run_query('select count(' ~ adapter.quote(column.name) ~ ') from raw.' ~ adapter.quote(table)).columns[0].values()[0] > 0 -%}
                {%- do problems.append('the column `' ~ table ~ '.' ~ column.name ~ '` is ' ~ types[column.name] ~ ', which cannot be read as '
                    ~ column.type ~ ('; convert it: what the number counts is not said.' if column.type in ('timestamp', 'date') and modules.re.match(numbers, types[column.name])
                    else '; convert it, or give it as text.')) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do stop_with(problems) -%}
{% endmacro %}
