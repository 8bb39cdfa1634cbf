{#- A type, as contracts, seeds and the raw tables' contract call it, under the engine's name: Spark's
    varchar asks for a length, and it has no hugeint, DuckDB's sum of whole numbers.
    Example: cast(null as {{ engine_type(column.type) }}) -#}
{%- macro engine_type(type) -%}
    {{ return(adapter.dispatch('engine_type', 'ecommerce_kpis')(type)) }}
{%- endmacro -%}

{%- macro default__engine_type(type) -%}
    {{ return(type) }}
{%- endmacro -%}

{%- macro spark__engine_type(type) -%}
    {{ return({'varchar': type_text(), 'hugeint': 'bigint'}.get(type, type)) }}
{%- endmacro -%}
