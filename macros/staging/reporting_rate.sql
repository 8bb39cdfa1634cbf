{#- The rate that turns an amount of the row into the reporting currency (decimal): 1 in the
    reporting currency itself, and where an optional currency is not stated (docs/decisions.md,
    3); else the rate of the latest day on or before the row's day. Goes with {{
    join_fx_rates('typed.currency', day) }}. -#}
{%- macro reporting_rate(currency='typed.currency', fx_rates='fx_rates') -%}
    case
        when coalesce({{ currency }}, '{{ var("reporting_currency") }}') = '{{ var("reporting_currency") }}' then cast(1 as decimal(18, 10))
        else {{ fx_rates }}.rate
    end
{%- endmacro -%}

{%- macro join_fx_rates(currency, day, fx_rates='fx_rates') -%}
    left join {{ ref('stg_fx_rates') }} as {{ fx_rates }}
        on
            {{ currency }} = {{ fx_rates }}.from_currency
            and {{ fx_rates }}.to_currency = '{{ var("reporting_currency") }}'
            and {{ day }} >= {{ fx_rates }}.rate_date
            and {{ day }} < {{ fx_rates }}.next_rate_date
{%- endmacro -%}
