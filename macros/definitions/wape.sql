{#- Weighted absolute percentage error: absolute errors, summed, over units, summed. An aggregate;
    null where nothing was sold.
    Example: {{ wape('units_sold', 'forecast_units') }} -#}
{%- macro wape(actual, forecast) -%}
    {{ divide(exact_sum('abs(' ~ actual ~ ' - ' ~ forecast ~ ')'), 'sum(abs(' ~ actual ~ '))') }}
{%- endmacro -%}
