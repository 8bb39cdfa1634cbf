{#- Sum of doubles made in decimals, as double: it does not depend on the order of the rows, so that two builds agree
    to the last digit. `places` decimals are kept (38 digits in all); `over` makes it a window. `wide` is for what may
    reach 10^26, as squares of money do: whole 10^12 are summed apart from the rest (up to 10^50).
    Example: {{ exact_sum('processing_hours') }} -#}
{%- macro exact_sum(expression, places=12, over=none, wide=false) -%}
    {%- set window = ' over (' ~ over ~ ')' if over is not none else '' -%}
    {%- if wide -%}
        cast(sum(cast(floor(({{ expression }}) / 1e12) as decimal(38, 0))){{ window }} as {{ type_double() }}) * 1e12
        + cast(
            sum(
                cast(
                    cast({{ expression }} as {{ type_double() }}) - floor(({{ expression }}) / 1e12) * 1e12
                    as decimal(38, {{ places }})
                )
            ){{ window }} as {{ type_double() }}
        )
    {%- else -%}
        cast(sum(cast({{ expression }} as decimal(38, {{ places }}))){{ window }} as {{ type_double() }})
    {%- endif -%}
{%- endmacro -%}
