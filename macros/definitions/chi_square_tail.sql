{#- P(X > x) of the chi-square distribution with whole degrees of freedom, up to `most` (null
    beyond): the closed sums of its recursion, relative error below 1e-8 (that of the normal
    tail). Read many times: give columns.
    Example: {{ chi_square_tail('chi_square', 'variants - 1') }} -#}
{%- macro chi_square_tail(x, degrees, most=12) -%}
    {%- set x = 'cast(' ~ x ~ ' as ' ~ type_double() ~ ')' -%}
    case {{ degrees }}
        {%- for n in range(1, most + 1) %}
        {%- set terms = [] %}
        {%- set ns = namespace(term='1e0' if n % 2 == 0 else 'sqrt(' ~ x ~ ')') %}
        {%- for power in range(n // 2) %}
            {%- do terms.append(ns.term) %}
            {%- set ns.term = ns.term ~ ' * ' ~ x ~ ' / ' ~ (2 * power + (2 if n % 2 == 0 else 3)) ~ 'e0' %}
        {%- endfor %}
        {%- set sum = '(' ~ terms | join(' + ') ~ ')' if terms else '0e0' %}
        when {{ n }}
            then
                {% if n % 2 -%}
                2 * {{ normal_upper_tail('sqrt(' ~ x ~ ')') }}
                + sqrt(0.63661977236758134e0) * exp(-{{ x }} / 2) * {{ sum }}
                {%- else -%}
                exp(-{{ x }} / 2) * {{ sum }}
                {%- endif %}
        {%- endfor %}
    end
{%- endmacro -%}
