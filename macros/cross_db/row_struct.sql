{#- A struct of named expressions, and its JSON text.
    Example: {{ row_struct({'order_id': 'raw_rows.order_id'}) }} -#}
{%- macro row_struct(fields) -%}
    {{ return(adapter.dispatch('row_struct', 'ecommerce_kpis')(fields)) }}
{%- endmacro -%}

{%- macro default__row_struct(fields) -%}
    struct_pack(
        {%- for name, expression in fields.items() %}
        "{{ name }}" := {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro -%}

{%- macro spark__row_struct(fields) -%}
    named_struct(
        {%- for name, expression in fields.items() %}
        '{{ name }}', {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro -%}
