{#- "Closed funnel. A session reaches a step when it has reached every earlier one, each at or
    after the one before." The earliest way through is taken step by step: whoever cannot go on
    from there cannot go on from a later moment either. Each step joins fewer sessions than the
    one before. -#}
{% set steps = funnel_steps()[1:] %}

with

session_events as (

    select * from {{ ref('stg_session_events') }}
    where
        event_name in (
            {%- for step in steps %}
            '{{ step }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

),

reached_view_item as (

    select
        session_id,
        min(event_at) as reached_at
    from session_events
    where event_name = 'view_item'
    group by session_id

),

{% for step in steps[1:] -%}
reached_{{ step }} as (

    select
        session_events.session_id,
        min(session_events.event_at) as reached_at
    from reached_{{ steps[loop.index0] }} as before
    inner join session_events
        on
            before.session_id = session_events.session_id
            and before.reached_at <= session_events.event_at
    where session_events.event_name = '{{ step }}'
    group by session_events.session_id

),

{% endfor -%}
every_step as (

    {% for step in steps -%}
    select
        session_id,
        {{ loop.index + 1 }} as step_number
    from reached_{{ step }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

funnelled as (

    select
        session_id,
        max(step_number) as steps_reached
    from every_step
    group by session_id

)

select * from funnelled
