{#- A fold over the whole numbers from 0 to `last`, in their order: `step` says what follows `so_far`
    at number `k` (a double), from `start` on. The two go by other names in a fold within a fold.
    Example, the sum of the squares: {{ folded(10, '0e0', 'so_far + k * k') }} -#}
{%- macro folded(last, start, step, so_far='so_far', k='k') -%}
    {{ return(adapter.dispatch('folded', 'ecommerce_kpis')(last, start, step, so_far, k)) }}
{%- endmacro -%}

{%- macro default__folded(last, start, step, so_far, k) -%}
    list_reduce(
        list_transform(range({{ last }} + 1), lambda {{ k }}: cast({{ k }} as double)),
        lambda {{ so_far }}, {{ k }}: {{ step }},
        {{ start }}
    )
{%- endmacro -%}

{%- macro spark__folded(last, start, step, so_far, k) -%}
    aggregate(
        transform(sequence(0, {{ last }}), {{ k }} -> cast({{ k }} as double)),
        {{ start }},
        ({{ so_far }}, {{ k }}) -> {{ step }}
    )
{%- endmacro -%}
