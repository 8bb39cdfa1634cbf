{#- Every day from one date to another, both included, as rows (dates), to be read in a select list; none
    where the first day is after the last.
    Example: select {{ days_between('first_day', 'as_of') }} as date_day from bounds -#}
{%- macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between', 'ecommerce_kpis')(first_day, last_day)) }}
{%- endmacro -%}

{%- macro default__days_between(first_day, last_day) -%}
    cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1' day)) as date)
{%- endmacro -%}

{%- macro spark__days_between(first_day, last_day) -%}
    explode(case when {{ last_day }} >= {{ first_day }} then sequence({{ first_day }}, {{ last_day }}, interval '1' day) end)
{%- endmacro -%}
