{#- Mean absolute percentage error, in percent: an aggregate over periods. Periods without any sale
    have none and are left out: do not use it for slow movers.
    Example: {{ mape('units_sold', 'forecast_units') }} -#}
{%- macro mape(actual, forecast) -%}
    {%- set error -%}
        100 * {{ divide('abs(' ~ actual ~ ' - ' ~ forecast ~ ')', 'abs(' ~ actual ~ ')') }}
    {%- endset -%}
    {{ divide(exact_sum(error), 'count(' ~ error ~ ')') }}
{%- endmacro -%}
