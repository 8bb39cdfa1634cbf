{#- The whole numbers from 0 to `last` as rows (number), to be read in a select list.
    Example: select {{ numbers_until(400) }} as number -#}
{%- macro numbers_until(last) -%}
    {{ return(adapter.dispatch('numbers_until', 'ecommerce_kpis')(last)) }}
{%- endmacro -%}

{%- macro default__numbers_until(last) -%}
    unnest(generate_series(0, {{ last }}))
{%- endmacro -%}

{%- macro spark__numbers_until(last) -%}
    explode(case when {{ last }} >= 0 then sequence(0, cast({{ last }} as int)) end)
{%- endmacro -%}
