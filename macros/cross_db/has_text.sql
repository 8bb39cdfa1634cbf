{#- Whether a text has anything but white space in it (tabs, line ends and the spaces of other scripts
    are white too: trim takes off ordinary ones only).
    Example: {{ has_text('raw_rows.brand') }} -#}
{%- macro has_text(text) -%}
    {{ return(adapter.dispatch('has_text', 'ecommerce_kpis')(text)) }}
{%- endmacro -%}

{%- macro default__has_text(text) -%}
    {#- most texts start with a letter or a digit: no need to search them -#}
    case when {{ text }} between '!' and '~' then true else regexp_matches({{ text }}, '[^\s\x0B\x{85}\p{Z}]') end
{%- endmacro -%}

{%- macro spark__has_text(text) -%}
    {{ text }} rlike r'[^\s\x{85}\p{Z}]'
{%- endmacro -%}
