{#- Mean absolute scaled error (Hyndman and Koehler 2006): the mean absolute error over `scale`, the
    mean absolute error of the naive forecast in the past. An aggregate over periods of one series.
    Example: {{ mase('units_sold', 'forecast_units', 'naive_error') }} -#}
{%- macro mase(actual, forecast, scale) -%}
    {%- set error -%}
        {{ divide('abs(' ~ actual ~ ' - ' ~ forecast ~ ')', scale) }}
    {%- endset -%}
    {{ divide(exact_sum(error), 'count(' ~ error ~ ')') }}
{%- endmacro -%}
