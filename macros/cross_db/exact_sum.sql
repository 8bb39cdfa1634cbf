{#- Sum of doubles made in decimals (12 places), as double: it does not depend on the order of
    the rows, so that two builds agree to the last digit.
    Example: {{ exact_sum('processing_hours') }} -#}
{%- macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(38, 12))) as {{ type_double() }})
{%- endmacro -%}
