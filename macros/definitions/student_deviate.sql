{#- The normal deviate whose tail is that of Student's t (Hill 1970, algorithm 395), with the sign
    of t: with normal_upper_tail it gives p-values to 1e-9 from 10 degrees of freedom on, to 1e-13
    from 50 on, to 2e-5 at 3. Degrees of freedom need not be whole. Null below 3, where the series
    is not good enough. Read many times: give columns.
    Example: {{ student_deviate('t', 'degrees_of_freedom') }} as z -#}
{%- macro student_deviate(t, degrees) -%}
    {%- set n = 'cast(' ~ degrees ~ ' as ' ~ type_double() ~ ')' -%}
    {%- set y = '((' ~ n ~ ' - 0.5e0) * ln(1e0 + ' ~ t ~ ' * ' ~ t ~ ' / ' ~ n ~ '))' -%}
    case
        when {{ n }} >= 3
            then sign({{ t }}) * (1e0 + {{ student_correction(y, n) }}) * sqrt({{ y }})
    end
{%- endmacro -%}

{#- The correction of Hill's series, of y = (n - 1/2) ln(1 + t^2 / n): z = (1 + correction) sqrt(y). -#}
{%- macro student_correction(y, n) -%}
    {%- set b = '(48e0 * (' ~ n ~ ' - 0.5e0) * (' ~ n ~ ' - 0.5e0))' -%}
    (
        (((-0.4e0 * {{ y }} - 3.3e0) * {{ y }} - 24e0) * {{ y }} - 85.5e0)
        / (0.8e0 * {{ y }} * {{ y }} + 100e0 + {{ b }})
        + {{ y }} + 3e0
    ) / {{ b }}
{%- endmacro -%}

{#- One step towards y of the quantile of Student's t that belongs to the normal quantile z, from
    the y before it (start: z * z): three steps agree with student_deviate to 1e-10 from 10
    degrees of freedom on. Then t = {{ student_quantile('y', 'degrees') }}.
    Example: {{ student_quantile_step('y', 'degrees') }} as y -#}
{%- macro student_quantile_step(y, degrees, z='1.959963984540054e0') -%}
    power({{ z }} / (1e0 + {{ student_correction(y, degrees) }}), 2)
{%- endmacro -%}

{%- macro student_quantile(y, degrees) -%}
    sqrt({{ degrees }} * (exp({{ y }} / ({{ degrees }} - 0.5e0)) - 1e0))
{%- endmacro -%}
