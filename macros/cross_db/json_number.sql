{#- The number under a name in a JSON object, null where there is none (double). The name is an
    expression.
    Example: {{ json_number('planned_split', 'variant') }} -#}
{%- macro json_number(json, name) -%}
    {{ return(adapter.dispatch('json_number', 'ecommerce_kpis')(json, name)) }}
{%- endmacro -%}

{%- macro default__json_number(json, name) -%}
    try_cast(
        json_extract_string({{ json }}, concat('$."', {{ name }}, '"')) as {{ type_double() }}
    )
{%- endmacro -%}

{%- macro spark__json_number(json, name) -%}
    try_cast(from_json({{ json }}, 'map<string,string>')[{{ name }}] as {{ type_double() }})
{%- endmacro -%}
