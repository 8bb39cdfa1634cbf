{#- Has the engine compute a CTE for each reference, each with the columns that it needs. A build from
    nothing reads the raw and typed rows twice, the second time for their keys only: keeping 50
    million of them wrote 12 GB to disk, computing the keys again takes seconds. A build that
    continues has few rows, and dear ones: they are kept.
    Example: typed as {{ inlined_in_full_builds() }} ( select ... ) -#}
{%- macro inlined_in_full_builds() -%}
    {{ return(adapter.dispatch('inlined_in_full_builds', 'ecommerce_kpis')()) }}
{%- endmacro -%}

{%- macro default__inlined_in_full_builds() -%}
    {%- if not is_incremental() -%} not materialized {%- endif -%}
{%- endmacro -%}

{%- macro spark__inlined_in_full_builds() -%}
{%- endmacro -%}
