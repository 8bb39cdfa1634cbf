{#- The stages between order and door, in order, with the time at which each ends. A stage starts
    where the last stage with a known end does.
    Example: {% for stage, ended_at in fulfilment_stages().items() %} -#}
{%- macro fulfilment_stages() -%}
    {%- do return({
        'payment': 'paid_at',
        'release': 'released_at',
        'picking': 'picked_at',
        'packing': 'packed_at',
        'handover': 'shipped_at',
        'transit': 'delivered_at',
    }) -%}
{%- endmacro -%}
