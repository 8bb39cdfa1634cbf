{#- A number made of all columns of the row but some, which need not be there: equal for rows that
    are equal, and different, but for one chance in 10^19, for others. It holds within one
    version of the engine, and is used for nothing but to see whether rows changed: null on Spark,
    where every table is built anew.
    Example: {{ row_digest(['visitor']) }} as row_digest -#}
{%- macro row_digest(left_out=[]) -%}
    {{ return(adapter.dispatch('row_digest', 'ecommerce_kpis')(left_out)) }}
{%- endmacro -%}

{%- macro default__row_digest(left_out) -%}
    hash(*columns(lambda name: name not in ('{{ left_out | join("', '") }}')))
{%- endmacro -%}

{%- macro spark__row_digest(left_out) -%}
    cast(null as bigint)
{%- endmacro -%}
