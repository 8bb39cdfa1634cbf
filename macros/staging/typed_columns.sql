{#- The contract columns of `raw_rows`, each safely cast to its type (null where it cannot be),
    personal data hashed; beside each column that is not text `<column>__unreadable`, true where
    there was a value that could not be cast; and `raw_row`, the row as it came (personal data
    hashed). Grain: one row a raw row.
    Example: select {{ typed_columns('orders') }} from raw_rows -#}
{%- macro typed_columns(table) -%}
    {%- if execute -%}
        {%- set fields = {} -%}
        {%- for column in contract(table).columns %}
        {%- set raw = 'raw_rows.' ~ adapter.quote(column.name) -%}
        {%- set type = 'decimal(18, ' ~ column.get('scale', 4) ~ ')' if column.type == 'decimal' else column.type -%}
        {%- if column.type == 'varchar' %}
        {%- set text -%}
            case when trim(cast({{ raw }} as varchar)) <> '' then cast({{ raw }} as varchar) end
        {%- endset -%}
        {%- if column.pii %}
        {%- set text = hashed(text) -%}
        {%- elif column.default %}
        {%- set text = "coalesce(" ~ text ~ ", '" ~ column.default ~ "')" -%}
        {%- endif %}
        {{ text }} as {{ column.name }},
        {%- do fields.update({column.name: text if column.pii else raw}) -%}
        {%- else %}
        {%- set value = safe_cast_to(raw, type) %}
        {{ value }} as {{ column.name }},
        {{ value }} is null and trim(cast({{ raw }} as varchar)) <> '' as {{ column.name }}__unreadable,
        {%- do fields.update({column.name: raw}) -%}
        {%- endif %}
        {%- endfor %}
        {{ row_struct(fields) }} as raw_row
    {%- endif -%}
{%- endmacro -%}
