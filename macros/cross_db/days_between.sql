{#- Every day from one date to another, both included, as rows (date_day). A relation, to be
    read in a from clause.
    Example: select * from {{ days_between("date '2024-01-01'", 'as_of') }} -#}
{%- macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between', 'ecommerce_kpis')(first_day, last_day)) }}
{%- endmacro -%}

{%- macro default__days_between(first_day, last_day) -%}
    unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1' day))
{%- endmacro -%}

{%- macro spark__days_between(first_day, last_day) -%}
    explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day))
{%- endmacro -%}
