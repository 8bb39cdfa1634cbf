{#- Bound of the 95 % Wilson score interval of a proportion (Wilson 1927), z =
    1.959963984540054; null without trials or successes (least and
    greatest pass over a null), kept within 0 and 1 against rounding. `side` is '-'
    for the lower bound, '+' for the upper.
    Example: {{ wilson_bound('-', 'converted', 'visitors') }} -#}
{%- macro wilson_bound(side, successes, trials) -%}
    {%- set z = '1.959963984540054e0' -%}
    {%- set n = 'nullif(cast(' ~ trials ~ ' as ' ~ type_double() ~ '), 0)' -%}
    {%- set p = '(cast(' ~ successes ~ ' as ' ~ type_double() ~ ') / ' ~ n ~ ')' -%}
    case when {{ p }} is not null then {{ 'greatest(0.0, ' if side == '-' else 'least(1.0, ' }}(
        {{ p }} + {{ z }} * {{ z }} / (2 * {{ n }})
        {{ side }} {{ z }} * sqrt({{ p }} * (1 - {{ p }}) / {{ n }} + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }}))
    ) / (1 + {{ z }} * {{ z }} / {{ n }})) end
{%- endmacro -%}
