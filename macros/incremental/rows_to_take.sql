{#- The rows of a raw table that a build takes in: all of them, or, where the base table is there
    and can be continued, those loaded since its newest row less the look-back (and those without
    a moment of loading). The filter stands where the file is read.
    Example: raw_rows as ( {{ rows_to_take('orders') }} ) -#}
{%- macro rows_to_take(table) -%}
    select * from {{ source('raw', table) }}
    {%- if is_incremental() %}
    {%- set loaded_at = safe_cast_to(adapter.quote('loaded_at'), 'timestamp') %}
    where
        {{ loaded_at }} >= {{ look_back_start(this) }}
        or {{ loaded_at }} is null
        or {{ loaded_at }} not between timestamp '1900-01-01' and timestamp '2199-12-31 23:59:59.999999'
    {%- endif -%}
{%- endmacro -%}

{#- The moment from which a base table is read again, as a literal: `look_back_days` before the
    newest row that it holds. A row older than that which was not there then is late: it is
    counted (raw_row_accounting.rows_late) and reported, and a full refresh takes it in. -#}
{%- macro look_back_start(relation) -%}
    {%- set newest -%}
        select {{ plus_days('max(loaded_at)', '-' ~ var('look_back_days')) }} as look_back_start
        from {{ relation }}
        where row_status <> 'rejected'
    {%- endset -%}
    {%- do return("timestamp '" ~ (run_query(newest).columns[0].values()[0] or '1900-01-01') ~ "'") -%}
{%- endmacro -%}
