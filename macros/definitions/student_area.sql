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
