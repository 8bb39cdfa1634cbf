{% set steps = funnel_steps() %}
{% set measures = ['sessions'] %}
{% for step in steps[1:] -%}
{% do measures.append('sessions_at_' ~ step) -%}
{% endfor %}

with

sessions as (

    select * from {{ ref('rollup_sessions') }}
    {%- if 'session_events' in (var('missing_tables') or []) %}
    -- the shop has no events: no step beyond the visit is known
    where false
    {%- endif %}

),

every_step as (

    {% for step in steps -%}
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_type,
        segment_value,
        {{ loop.index }} as step_number,
        '{{ step }}' as step,
        {{ measures[loop.index0] }} as sessions,
        {{ measures[[loop.index0 - 1, 0] | max] }} as sessions_before,
        sessions as sessions_at_first
    from sessions
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

rated as (

    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_type,
        segment_value,
        step_number,
        step,
        sessions,
        {{ divide('sessions', 'sessions_before') }} as step_rate,
        {{ divide('sessions', 'sessions_at_first') }} as overall_rate,
        sessions_before - sessions as sessions_lost
    from every_step

)

select * from rated
