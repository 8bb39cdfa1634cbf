{#- The table of a seed and its rows. dbt-spark's own writes every value as a text between quotation
    marks, so that a quotation mark ends it, a backslash is lost and a missing value is the text
    None; and varchar asks for a length. Called by dbt as a seed is built. -#}
{%- macro spark__create_csv_table(model, agate_table) -%}
    {%- set sql -%}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names %}
            {{ name }} {{ seed_type(model, agate_table, loop.index0, name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ file_format_clause() }}
        {{ location_clause() }}
    {%- endset -%}
    {%- call statement('_') -%} {{ sql }} {%- endcall -%}
    {{ return(sql) }}
{%- endmacro -%}

{%- macro spark__load_csv_rows(model, agate_table) -%}
    {%- for chunk in agate_table.rows | batch(1000) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {%- for row in chunk %}
            (
                {%- for name in agate_table.column_names -%}
                cast({{ text_literal(row[name]) }} as {{ seed_type(model, agate_table, loop.index0, name) }}){{ ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {%- endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- endfor -%}
    {{ return('-- ' ~ agate_table.rows | length ~ ' rows') }}
{%- endmacro -%}

{#- The type of a column of a seed: as configured, else as read. -#}
{%- macro seed_type(model, agate_table, index, name) -%}
    {%- set type = model.config.get('column_types', {}).get(name) or adapter.convert_type(agate_table, index) -%}
    {{ return(engine_type(type)) }}
{%- endmacro -%}

{#- A value as a text in Spark's SQL, where a backslash takes the next character as it is. -#}
{%- macro text_literal(value) -%}
    {%- if value is none -%} null
    {%- else -%} '{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro -%}
