{#- The JSON text of a struct, nulls included. How numbers are written is the engine's own: 1.50 on Spark
    is 1.5 on DuckDB.
    Example: {{ json_text('raw_row') }} -#}
{%- macro json_text(struct) -%}
    {{ return(adapter.dispatch('json_text', 'ecommerce_kpis')(struct)) }}
{%- endmacro -%}

{%- macro default__json_text(struct) -%}
    cast(to_json({{ struct }}) as {{ type_text() }})
{%- endmacro -%}

{%- macro spark__json_text(struct) -%}
    regexp_replace(
        to_json({{ struct }}, map('ignoreNullFields', 'false', 'timestampNTZFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS')),
        r'(:[0-9]{2})\.000000"', '$1"'
    )
{%- endmacro -%}
