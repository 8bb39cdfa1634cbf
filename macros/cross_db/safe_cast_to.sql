{#- The value as `type`, null where it cannot be read as one. dbt.safe_cast renders a plain cast
    on DuckDB, which raises. Whole numbers are not rounded: 2.5 is not an integer. A text with an
    offset (12:00+02) is the UTC time it says (10:00): DuckDB's own cast drops the offset. 1.0 and
    0.0 are true and false: so pandas writes them into a CSV where some are missing.
    Example: {{ safe_cast_to('raw_rows.quantity', 'integer') }} -#}
{%- macro safe_cast_to(expression, type) -%}
    {{ return(adapter.dispatch('safe_cast_to', 'ecommerce_kpis')(expression, type)) }}
{%- endmacro -%}

{%- macro default__safe_cast_to(expression, type) -%}
    {%- if type in ('integer', 'bigint') -%}
        case
            when try_cast({{ expression }} as decimal(38, 6)) = try_cast({{ expression }} as bigint)
                then try_cast({{ expression }} as {{ type }})
        end
    {%- elif type == 'boolean' -%}
        {%- set text = 'trim(cast(' ~ expression ~ ' as ' ~ type_text() ~ '))' -%}
        coalesce(
            try_cast({{ expression }} as boolean),
            try_cast(case {{ text }} when '1.0' then '1' when '0.0' then '0' else {{ text }} end as boolean)
        )
    {%- else -%}
        try_cast({{ expression }} as {{ type }})
    {%- endif -%}
{%- endmacro -%}

{%- macro duckdb__safe_cast_to(expression, type) -%}
    {%- if type == 'timestamp' -%}
        case
            when typeof({{ expression }}) = 'VARCHAR'
                then try_cast({{ expression }} as timestamptz) at time zone 'UTC'
            else try_cast({{ expression }} as timestamp)
        end
    {%- else -%}
        {{ ecommerce_kpis.default__safe_cast_to(expression, type) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro spark__safe_cast_to(expression, type) -%}
    {%- if type == 'timestamp' -%}
        cast(try_cast({{ expression }} as timestamp_ltz) as timestamp_ntz)
    {%- else -%}
        {{ ecommerce_kpis.default__safe_cast_to(expression, ecommerce_kpis.engine_type(type)) }}
    {%- endif -%}
{%- endmacro -%}
