{#- The median of the not-null values (double) in a window with a frame, which percentiles cannot have on
    Spark: there they are collected, sorted and the middle taken.
    Example: {{ median_over('log_value', 'level_window') }} -#}
{%- macro median_over(expression, window) -%}
    {{ return(adapter.dispatch('median_over', 'ecommerce_kpis')(expression, window)) }}
{%- endmacro -%}

{%- macro default__median_over(expression, window) -%}
    median({{ expression }}) over {{ window }}
{%- endmacro -%}

{%- macro spark__median_over(expression, window) -%}
    transform(
        array(array_sort(collect_list({{ expression }}) over {{ window }})),
        held -> (get(held, (size(held) - 1) div 2) + get(held, size(held) div 2)) / 2
    )[0]
{%- endmacro -%}
