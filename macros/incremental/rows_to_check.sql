{#- The typed rows to be checked, each with the rules of the contract that it breaks by itself
    (`own_reason`): those just read; and, of a table that is continued, the older ones whose fate
    may have changed, as they are kept: other copies of a key that was read or read again, rows
    that had no parent or no rate, rows whose rate is another today.

    `is_repeated`: whether the key came more than once. It is said before any rule is asked: a
    build from nothing takes up repeated rows once more, to find the newest, and no others. Of the
    few rows of a build that continues it is said of all.

    `rated_on`: the column, or expression over the contract's columns, whose day gives the rate.
    Goes with the CTEs `cast_rows` and `repeated_keys`.
    Example: typed as ( {{ rows_to_check('orders', rated_on='ordered_at') }} ) -#}
{%- macro rows_to_check(table, rated_on=none) -%}
    {%- set keys = contract(table).primary_key if execute else [] %}
    select
        {{ contract_columns(table) }},
        {{ broken_rules(table) }} as own_reason,
        {%- if is_incremental() %}
        cast(null as {{ type_text() }}) as kept_row_key,
        cast(null as {{ type_text() }}) as kept_raw_row,
        true as is_repeated,
        {%- else %}
        exists (
            select 1 from repeated_keys
            where
                {%- for key in keys %}
                typed.{{ key }} is not distinct from repeated_keys.{{ key }}{{ ' and' if not loop.last }}
                {%- endfor %}
        ) as is_repeated,
        {%- endif %}
        raw_row
    from cast_rows as typed
    {%- if is_incremental() %}
    {%- set start = look_back_start(this) %}

    union all

    select
        {%- for column in contract(table).columns %}
        kept.{{ column.name }},
        {%- endfor %}
        -- references and rates are checked again; they come last in the text
        nullif(regexp_replace(kept.rejection_reason, '(^|; )(no_parent|no_rate): (.|\n)*$', ''), '')
            as own_reason,
        kept.row_key as kept_row_key,
        kept.raw_row as kept_raw_row,
        true as is_repeated,
        null as raw_row
    from {{ this }} as kept
    inner join (
        select {{ keys | join(', ') }} from cast_rows
        union
        select {{ keys | join(', ') }} from {{ this }}
        where
            loaded_at is null
            or loaded_at >= {{ start }}
            or rejection_reason like '%no_parent: %'
            or rejection_reason like '%no_rate: %'
        {%- if rated_on %}
        union
        select typed.{{ keys | join(', typed.') }}
        from {{ this }} as typed
        {{ join_fx_rates('typed.currency', local_day(rated_on)) }}
        where typed.reporting_rate is distinct from {{ reporting_rate() }}
        {%- endif %}
    ) as touched
        on
            {%- for key in keys %}
            kept.{{ key }} is not distinct from touched.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}
    where kept.loaded_at < {{ start }}
    {%- endif -%}
{%- endmacro -%}
