with

base_leads as (

    select * from {{ ref('base_leads') }}

),

{% if var('sessions_from_events') -%}
-- the visitor's session in which the lead was created; where two touch, the later one
sessions_of_leads as (

    select
        base_leads.lead_id,
        sessions.session_id,
        row_number() over (
            partition by base_leads.lead_id
            order by sessions.started_at desc, sessions.session_id desc
        ) as session_number
    from base_leads
    inner join {{ ref('stg_sessions') }} as sessions
        on
            base_leads.visitor_id = sessions.visitor_id
            and base_leads.created_at between sessions.started_at and sessions.ended_at
    where base_leads.row_status = 'accepted'

),

{% endif -%}
accepted as (

    select
        base_leads.lead_id,
        visitor_id,
        {% if var('sessions_from_events') -%}
        coalesce(sessions_of_leads.session_id, base_leads.session_id) as session_id,
        {% else -%}
        session_id,
        {% endif -%}
        customer_id,
        form_id,
        channel,
        created_at,
        {{ local_day('created_at') }} as created_on,
        qualified_at,
        converted_at,
        lost_at,
        {{ to_reporting('value') }} as value,
        loaded_at
    from base_leads
    {% if var('sessions_from_events') -%}
    left join sessions_of_leads
        on
            base_leads.lead_id = sessions_of_leads.lead_id
            and sessions_of_leads.session_number = 1
    {% endif -%}
    where row_status = 'accepted'

)

select * from accepted
