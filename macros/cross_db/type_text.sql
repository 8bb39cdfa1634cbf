{#- Text of any length: Spark's varchar asks for one. Example: cast(days_late as {{ type_text() }}) -#}
{%- macro type_text() -%}
    {{ return(adapter.dispatch('type_text', 'ecommerce_kpis')()) }}
{%- endmacro -%}

{%- macro default__type_text() -%}varchar{%- endmacro -%}

{%- macro spark__type_text() -%}string{%- endmacro -%}
