{#- Has the engine compute a CTE for each reference in a build from nothing, which reads the raw and
    typed rows several times: keeping 50 million of them wrote 12 GB to disk, computing them again
    takes seconds. A build that continues has few rows, and dear ones: they are kept.
    Example: typed as {{ inlined_in_full_builds() }} ( select ... ) -#}
{%- macro inlined_in_full_builds() -%}
    {%- if not is_incremental() -%} {{ inlined() }} {%- endif -%}
{%- endmacro -%}
