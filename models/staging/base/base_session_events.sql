with

raw_rows as {{ inlined_in_full_builds() }} (

    {{ rows_to_take('session_events') }}

),

{% if not var('sessions_from_events') -%}
sessions as (

    select * from {{ ref('stg_sessions') }}

),

{% endif -%}
cast_rows as (

    select
        {{ typed_columns('session_events') }}
    from raw_rows

),

{{ repeated_keys('session_events') }},

typed as {{ inlined_in_full_builds() }} (

    {{ rows_to_check('session_events', rated_on=local_day('typed.event_at')) }}

),

checked as {{ inlined_in_full_builds() }} (

    select
        typed.*,
        {{ reporting_rate() }} as reporting_rate,
        {{ rejection_reason(
            ([] if var('sessions_from_events') else [no_parent('sessions', 'session_id')])
            + [no_rate('typed.event_at', ['value', 'shipping_quote_amount'])],
        ) }} as rejection_reason
    from typed
    {% if not var('sessions_from_events') -%}
    left join sessions
        on typed.session_id = sessions.session_id
    {% endif -%}
    {{ join_fx_rates('typed.currency', local_day('typed.event_at')) }}

),

{{ newest_copies('session_events', others=['reporting_rate']) }}

select * from newest_copies
