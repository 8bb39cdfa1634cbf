{#- 97.5 % quantile of Student's t (two-sided 95 %), by the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5): exact to
    0.2 % from 3 degrees of freedom on, to 0.001 % from 10; null below 3.
    Example: {{ t_quantile('weeks - 3') }} -#}
{%- macro t_quantile(degrees) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set terms = [
        (z ** 3 + z) / 4,
        (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
        (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
        (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
    ] -%}
    case
        when {{ degrees }} >= 3 then
            {{ z }}e0
            {%- for term in terms %}
            + {{ term }}e0 / power(cast({{ degrees }} as {{ type_double() }}), {{ loop.index }})
            {%- endfor %}
    end
{%- endmacro -%}
