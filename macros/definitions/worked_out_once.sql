{#- An expression in which a long one, `value`, goes by a short name: a fold of one step.
    Example: {{ worked_out_once('x', 'sqrt(a + b)', 'x * x + x') }} -#}
{%- macro worked_out_once(name, value, expression) -%}
    {{ folded(0, value, expression, name, 'step_' ~ name) }}
{%- endmacro -%}
