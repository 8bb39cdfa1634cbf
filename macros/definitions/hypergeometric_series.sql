{#- Gauss's 2F1(a, b; c; z) by its first 100 terms, the last one first (Horner). A fold, as a
    hundred nested parentheses take engines and linters long to read.
    Example: {{ hypergeometric_series('a + b - 1 - r', 'a - 1', 'a + b + x - 1', 'z') }} -#}
{%- macro hypergeometric_series(a, b, c, z) -%}
    {{ folded(
        99, '1e0',
        '1 + so_far * (' ~ z ~ ') * (' ~ a ~ ' + 99 - k) * (' ~ b ~ ' + 99 - k) / ((' ~ c ~ ' + 99 - k) * (100 - k))',
    ) }}
{%- endmacro -%}
