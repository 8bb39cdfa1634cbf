{#- P(Z > |z|) of the standard normal distribution: Hart (1968), as West (2005) gives it; relative
    error below 1e-8 out to |z| = 37, absolute below 2e-16. Only exp and arithmetic, as DuckDB
    has no erf. `z` is read many times: give a column, not an expression; null stays null.
    Two-sided p-value: 2 * {{ normal_upper_tail('z') }}
    Example: {{ normal_upper_tail('z_score') }} -#}
{%- macro normal_upper_tail(z) -%}
    {%- set x = 'abs(cast(' ~ z ~ ' as ' ~ type_double() ~ '))' -%}
    {%- set above = [
        '3.52624965998911e-2', '7.00383064443688e-1', '6.37396220353165e0', '3.3912866078383e1',
        '1.12079291497871e2', '2.21213596169931e2', '2.20206867912376e2',
    ] -%}
    {%- set below = [
        '8.83883476483184e-2', '1.75566716318264e0', '1.6064177579207e1', '8.67807322029461e1',
        '2.96564248779674e2', '6.37333633378831e2', '7.93826512519948e2', '4.40413735824752e2',
    ] -%}
    case
        when {{ z }} is null then null
        when {{ x }} > 37 then 0e0
        when {{ x }} < 7.07106781186547e0
            then exp(-{{ x }} * {{ x }} / 2) * {{ polynomial(above, x) }} / {{ polynomial(below, x) }}
        else
            exp(-{{ x }} * {{ x }} / 2)
            / ({{ x }} + 1e0 / ({{ x }} + 2e0 / ({{ x }} + 3e0 / ({{ x }} + 4e0 / ({{ x }} + 0.65e0)))))
            / 2.506628274631e0
    end
{%- endmacro -%}

{#- A polynomial by Horner's rule, coefficients from the highest power down.
    Example: {{ polynomial(['2e0', '1e0'], 'x') }} is 2 x + 1 -#}
{%- macro polynomial(coefficients, x) -%}
    {%- set ns = namespace(sum=coefficients[0]) -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set ns.sum = '(' ~ ns.sum ~ ' * ' ~ x ~ ' + ' ~ coefficient ~ ')' -%}
    {%- endfor -%}
    {{ ns.sum }}
{%- endmacro -%}
