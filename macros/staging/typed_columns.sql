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
            case when {{ has_text('cast(' ~ raw ~ ' as ' ~ type_text() ~ ')') }} then cast({{ raw }} as {{ type_text() }}) end
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
        {#- One mistyped year must not make a shop of twenty centuries: docs/decisions.md, 2. -#}
        {%- if column.type in ('timestamp', 'date') -%}
            {%- set first, last = ('0001-01-01', '9999-12-31') if column.is_plan else ('1900-01-01', '2199-12-31') -%}
            {%- set end = ' 23:59:59.999999' if column.type == 'timestamp' else '' -%}
            {%- set value -%}
                case
                    when {{ value }} between {{ column.type }} '{{ first }}' and {{ column.type }} '{{ last }}{{ end }}'
                        then {{ value }}
                end
            {%- endset -%}
        {%- endif %}
        {{ value }} as {{ column.name }},
        case when {{ value }} is null then {{ has_text('cast(' ~ raw ~ ' as ' ~ type_text() ~ ')') }} else false end as {{ column.name }}__unreadable,
        {%- do fields.update({column.name: raw}) -%}
        {%- endif %}
        {%- endfor %}
        {{ row_struct(fields) }} as raw_row
    {%- endif -%}
{%- endmacro -%}
