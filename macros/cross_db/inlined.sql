{#- Has the engine compute a CTE for each reference, each with the columns that it needs.
    Example: prepared as {{ inlined() }} ( select ... ) -#}
{%- macro inlined() -%}
    {{ return(adapter.dispatch('inlined', 'ecommerce_kpis')()) }}
{%- endmacro -%}

{%- macro default__inlined() -%}
    not materialized
{%- endmacro -%}

{%- macro spark__inlined() -%}
{%- endmacro -%}
