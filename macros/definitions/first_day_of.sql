{#- The first day of the period of a grain (day, week, month, quarter, year) that holds a date;
    weeks are ISO weeks, from Monday.
    Example: {{ first_day_of('month', 'ordered_on') }} -#}
{%- macro first_day_of(grain, date) -%}
    {%- if grain == 'day' -%} {{ date }} {%- else -%} cast(date_trunc('{{ grain }}', {{ date }}) as date) {%- endif -%}
{%- endmacro -%}
