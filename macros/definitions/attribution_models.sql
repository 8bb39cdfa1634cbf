{#- The attribution models: each is a column of weights of fct_order_touches.
    Example: {% for model in attribution_models() %} -#}
{%- macro attribution_models() -%}
    {%- do return([
        'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay',
        'data_driven',
    ]) -%}
{%- endmacro -%}
