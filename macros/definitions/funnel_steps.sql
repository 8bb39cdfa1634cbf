{#- The steps of the funnel in their order, by the names of GA4's events; the first is the
    session itself.
    Example: {% for step in funnel_steps() %} -#}
{%- macro funnel_steps() -%}
    {%- do return([
        'session', 'view_item', 'add_to_cart', 'begin_checkout', 'add_shipping_info',
        'add_payment_info', 'purchase',
    ]) -%}
{%- endmacro -%}
