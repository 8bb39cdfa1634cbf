{#- Symmetric mean absolute percentage error, 0 to 200 (Makridakis and Hibon 2000): an aggregate over
    periods; a period with both at zero has no error.
    Example: {{ smape('units_sold', 'forecast_units') }} -#}
{%- macro smape(actual, forecast) -%}
    {%- set error -%}
        200 * coalesce({{ divide('abs(' ~ actual ~ ' - ' ~ forecast ~ ')', '(abs(' ~ actual ~ ') + abs(' ~ forecast ~ '))') }}, 0)
    {%- endset -%}
    {{ divide(exact_sum(error), 'count(' ~ error ~ ')') }}
{%- endmacro -%}
