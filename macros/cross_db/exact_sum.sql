{#- Sum of doubles made in decimals, as double: it does not depend on the order of the rows, so that two builds agree
    to the last digit. `places` decimals are kept (38 digits in all); `over` makes it a window.
    Example: {{ exact_sum('processing_hours') }} -#}
{%- macro exact_sum(expression, places=12, over=none) -%}
    cast(
        sum(cast({{ expression }} as decimal(38, {{ places }})))
        {%- if over is not none %} over ({{ over }}){% endif %} as {{ type_double() }}
    )
{%- endmacro -%}
