{#- Gauss's 2F1(a, b; c; z) by its first terms, as nested multiplications (Horner), in plain
    arithmetic that every engine has. 100 terms; METHODS: 200 exceed DuckDB's depth of expressions.
    Example: {{ hypergeometric_series('a + b - 1 - r', 'a - 1', 'a + b + x - 1', 'z') }} -#}
{%- macro hypergeometric_series(a, b, c, z, terms=100) -%}
    {%- for k in range(terms) -%}
    (1e0 + {{ z }} * ({{ a }} + {{ k }}) * ({{ b }} + {{ k }}) / (({{ c }} + {{ k }}) * {{ k + 1 }}) *
    {%- if loop.index is divisibleby(2) %}
    {% endif -%}
    {%- endfor -%} 1e0
    {%- for k in range(terms) -%} ) {%- endfor -%}
{%- endmacro -%}
