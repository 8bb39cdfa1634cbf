{#- The causes of an abandoned cart, in the order of their rules (docs/decisions.md, Site, 2).
    Example: {% for cause in abandonment_causes() %} -#}
{%- macro abandonment_causes() -%}
    {%- do return([
        'payment_failure', 'form_error', 'delivery_fee_revealed', 'few_delivery_options',
        'long_checkout', 'left_at_shipping', 'left_at_payment', 'left_at_checkout', 'left_at_cart',
    ]) -%}
{%- endmacro -%}
