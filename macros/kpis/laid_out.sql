{#- The wide rows of `revenue_changes` (a CTE of that name) laid out, a row a driver: the body of a CTE.

    drivers   {driver: [column of its value, of its previous value, of its contribution]}

    Grain: that of revenue_changes, and driver. Contributions in the reporting currency.
    Example: {{ laid_out({'visitors': ['visitors', 'previous_visitors', 'visitors_contribution']}) }} -#}
{%- macro laid_out(drivers) -%}
    {% for driver, columns in drivers.items() -%}
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        comparison,
        compared_start,
        segment_type,
        segment_value,
        '{{ driver }}' as driver,
        cast({{ columns[0] }} as {{ type_double() }}) as value,
        cast({{ columns[1] }} as {{ type_double() }}) as previous_value,
        {{ columns[2] }} as contribution
    from revenue_changes
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro -%}
