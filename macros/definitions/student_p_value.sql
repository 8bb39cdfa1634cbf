{#- P(|T| > |t|) of Student's t, two-sided, to 1e-11 of itself, for any degrees of freedom from 1 on,
    whole or not; null stays null. Read many times: give columns.
    Example: {{ student_p_value('statistic', 'degrees') }} -#}
{%- macro student_p_value(t, degrees) -%}
    {%- set s = '(' ~ t ~ ' * ' ~ t ~ ' / ' ~ degrees ~ ')' -%}
    {#- x^2 = n ln(1 + t^2 / n); ln(1 + s) of a small s as Kahan takes it -#}
    {%- set x -%}
        sqrt({{ degrees }} * case
            when 1e0 + {{ s }} = 1e0 then {{ s }}
            else ln(1e0 + {{ s }}) * {{ s }} / (1e0 + {{ s }} - 1e0)
        end)
    {%- endset -%}
    {{ worked_out_once(
        'x', x, 'exp(-x * x / 2e0) * ' ~ student_area('x', degrees) ~ ' / ' ~ student_area('0e0', degrees, 'whole', 'j')
    ) }}
{%- endmacro -%}
