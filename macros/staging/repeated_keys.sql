{#- The CTE `repeated_keys`: the keys that came more than once in `cast_rows`. For `rows_to_check`.
    Example: {{ repeated_keys('orders') }}, typed as ( {{ rows_to_check('orders') }} ) -#}
{%- macro repeated_keys(table) -%}
    {%- set keys = contract(table).primary_key | join(', ') if execute -%}
repeated_keys as {{ materialized() }} (

    select
        {{ keys }}
    from cast_rows
    group by {{ keys }}
    having count(*) > 1

)
{%- endmacro -%}
