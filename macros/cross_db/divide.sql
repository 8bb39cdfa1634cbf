{#- numerator / denominator as double; null, never an error, inf or nan, where the denominator
    is zero or null.
    Example: {{ divide('net_sales', 'orders') }} -#}
{%- macro divide(numerator, denominator) -%}
    cast({{ numerator }} as {{ type_double() }}) / nullif(cast({{ denominator }} as {{ type_double() }}), 0)
{%- endmacro -%}
