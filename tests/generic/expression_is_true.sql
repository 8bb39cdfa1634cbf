{#- As dbt_utils.expression_is_true, null-safe: a row where the expression is null fails too. -#}
{% test expression_is_true(model, expression) %}

select *
from {{ model }}
where ({{ expression }}) is distinct from true

{% endtest %}
