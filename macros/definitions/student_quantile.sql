{#- The 97.5 % quantile of Student's t (two-sided 95 %), to 1e-12 of itself, for any degrees of freedom
    from 1 on, whole or not; null below. Four steps of Newton's method on the logarithm of the
    p-value, from the normal quantile on: of x as in student_p_value it is concave.
    Example: {{ student_quantile('degrees') }} -#}
{%- macro student_quantile(degrees) -%}
    {%- set p = 'exp(-x * x / 2e0) * ' ~ student_area('x', 'n') ~ ' / ' ~ student_area('0e0', 'n', 'whole', 'j') -%}
    {%- set x = folded(
        3, '1.959963984540054e0',
        'x + ln(20e0 * ' ~ p ~ ') * ' ~ student_area('x', 'n', 'part', 'm') ~ ' / ' ~ student_density('x', 'n'),
        'x', 'i',
    ) -%}
    {#- t^2 = n (exp(x^2 / n) - 1) -#}
    {%- set t = worked_out_once('x', x, 'x * exp(x * x / n / 2e0) / ' ~ student_density('x', 'n')) -%}
    {{ worked_out_once('n', 'case when ' ~ degrees ~ ' >= 1 then cast(' ~ degrees ~ ' as ' ~ type_double() ~ ') end', t) }}
{%- endmacro -%}
