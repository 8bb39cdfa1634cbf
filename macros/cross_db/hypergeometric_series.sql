{#- Gauss's 2F1(a, b; c; z) by its first 100 terms, the last one first (Horner). A fold over a
    list, as a hundred nested parentheses take engines and linters long to read.
    Example: {{ hypergeometric_series('a + b - 1 - r', 'a - 1', 'a + b + x - 1', 'z') }} -#}
{%- macro hypergeometric_series(a, b, c, z) -%}
    {{ return(adapter.dispatch('hypergeometric_series', 'ecommerce_kpis')(a, b, c, z)) }}
{%- endmacro -%}

{%- macro default__hypergeometric_series(a, b, c, z) -%}
    list_reduce(
        list_transform(range(99, -1, -1), lambda k: cast(k as double)),
        lambda s, k: 1 + s * ({{ z }}) * ({{ a }} + k) * ({{ b }} + k) / (({{ c }} + k) * (k + 1)),
        1e0
    )
{%- endmacro -%}

{%- macro spark__hypergeometric_series(a, b, c, z) -%}
    aggregate(
        sequence(99, 0, -1),
        1D,
        (s, k) -> 1 + s * ({{ z }}) * ({{ a }} + k) * ({{ b }} + k) / (({{ c }} + k) * (k + 1D))
    )
{%- endmacro -%}
