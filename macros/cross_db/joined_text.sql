{#- The texts of a group in one, in an order, with a separator between them. An aggregate; nulls are left
    out.
    Example: {{ joined_text('event', ', ', 'starts_on, event') }} -#}
{%- macro joined_text(text, separator, order_by) -%}
    {{ return(adapter.dispatch('joined_text', 'ecommerce_kpis')(text, separator, order_by)) }}
{%- endmacro -%}

{%- macro default__joined_text(text, separator, order_by) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro -%}

{%- macro spark__joined_text(text, separator, order_by) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro -%}
