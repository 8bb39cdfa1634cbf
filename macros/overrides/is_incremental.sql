{#- Whether the model continues the table that is there. As dbt's own, but that a unit test, which has
    no table, need not say so. -#}
{% macro is_incremental() %}
    {%- do return(execute and this is not none and dbt.is_incremental()) -%}
{% endmacro %}
