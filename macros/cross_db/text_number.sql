{#- A number of 64 bits that stands for some texts or dates in sorts and joins, where texts take half
    as long again: equal for equal ones, and for two different ones with a chance of 1 in 10^19. Of
    texts by the thousand, not by the million: n of them share a number with a chance of n^2 / 10^19.
    It is not kept: it holds within one statement.
    Example: {{ text_number('segment_value') }} -#}
{%- macro text_number(expressions) -%}
    {{ return(adapter.dispatch('text_number', 'ecommerce_kpis')(expressions)) }}
{%- endmacro -%}

{%- macro default__text_number(expressions) -%}
    hash({{ expressions }})
{%- endmacro -%}

{%- macro spark__text_number(expressions) -%}
    xxhash64({{ expressions }})
{%- endmacro -%}
