{#- Has the engine compute a CTE once and keep the rows, where it would compute it for each reference.
    Example: checked as {{ materialized() }} ( select ... ) -#}
{%- macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'ecommerce_kpis')()) }}
{%- endmacro -%}

{%- macro default__materialized() -%}
    materialized
{%- endmacro -%}

{%- macro spark__materialized() -%}
{%- endmacro -%}
