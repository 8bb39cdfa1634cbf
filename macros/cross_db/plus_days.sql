{#- A timestamp `days` x 24 hours later.
    Example: {{ plus_days('delivered_at', var('perfect_order_refund_days')) }} -#}
{%- macro plus_days(timestamp, days) -%}
    {{ timestamp }} + interval '{{ days }}' day
{%- endmacro -%}
