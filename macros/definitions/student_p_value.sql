{#- P(|T| > |t|) of Student's t, two-sided, to 1e-12 of itself, for any degrees of freedom from 1 on,
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

{#- The tail of Student's t is proportional to the integral of exp(-y^2 / 2) g(y) from x to infinity,
    g the density below: smooth for all degrees of freedom, the normal tail where they are many.
    This is exp(x^2 / 2) times that integral, by the double exponential rule (Takahasi and Mori
    1974): y = x + exp(u - exp(-u)) at 61 places of u, a tenth apart. -#}
{%- macro student_area(x, degrees, so_far='so_far', k='k') -%}
    {%- set u = '((' ~ k ~ ' - 36e0) / 10e0)' -%}
    {%- set beyond = 'exp(' ~ u ~ ' - exp(-' ~ u ~ '))' -%}
    {{ folded(
        60, '0e0',
        so_far ~ ' + ' ~ beyond ~ ' * (1e0 + exp(-' ~ u ~ ')) / 10e0'
        ~ ' * exp(-(' ~ x ~ ' + ' ~ beyond ~ ' / 2e0) * ' ~ beyond ~ ')'
        ~ ' * ' ~ student_density(x ~ ' + ' ~ beyond, degrees),
        so_far, k,
    ) }}
{%- endmacro -%}

{#- g(x) = sqrt(s / (1 - exp(-s))), s = x^2 / n; of a small s by its series, without cancellation. -#}
{%- macro student_density(x, degrees) -%}
    {%- set s = '((' ~ x ~ ') * (' ~ x ~ ') / ' ~ degrees ~ ')' -%}
    sqrt(case
        when {{ s }} < 1e-3 then 1e0 + {{ s }} / 2e0 + {{ s }} * {{ s }} / 12e0
        else {{ s }} / (1e0 - exp(-{{ s }}))
    end)
{%- endmacro -%}
