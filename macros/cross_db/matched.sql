{#- Whether a regular expression is found in a text (a search, not a full match); an empty
    pattern matches anything, a missing text only an empty pattern.
    Example: {{ matched('source', 'rules.source_pattern') }} -#}
{%- macro matched(text, pattern) -%}
    {{ return(adapter.dispatch('matched', 'ecommerce_kpis')(text, pattern)) }}
{%- endmacro -%}

{%- macro default__matched(text, pattern) -%}
    ({{ pattern }} is null or coalesce(regexp_matches({{ text }}, {{ pattern }}), false))
{%- endmacro -%}

{%- macro spark__matched(text, pattern) -%}
    ({{ pattern }} is null or coalesce({{ text }} rlike {{ pattern }}, false))
{%- endmacro -%}
