{#- Salted SHA-256 of personal data, in hexadecimal; null stays null. The salt comes from the
    environment (PII_SALT), so that the hash cannot be looked up without it.
    Example: {{ hashed('email') }} -#}
{%- macro hashed(text) -%}
    {{ return(adapter.dispatch('hashed', 'ecommerce_kpis')("concat('" ~ env_var('PII_SALT', '') | replace("'", "''") ~ "', lower(" ~ text ~ "))", text)) }}
{%- endmacro -%}

{%- macro default__hashed(salted, text) -%}
    case when {{ text }} is not null then sha256({{ salted }}) end
{%- endmacro -%}

{%- macro spark__hashed(salted, text) -%}
    case when {{ text }} is not null then sha2({{ salted }}, 256) end
{%- endmacro -%}
