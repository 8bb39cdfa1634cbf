with

leads as (

    select * from {{ ref('stg_leads') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

described as (

    select
        leads.lead_id,
        leads.visitor_id,
        leads.session_id,
        leads.customer_id,
        -- "A lead without session has its CRM's text."
        coalesce(sessions.channel, leads.channel) as channel,
        sessions.device_type,
        leads.form_id,
        leads.created_at,
        leads.created_on,
        {{ cohort_of('leads.created_on') }} as lead_cohort,
        leads.qualified_at,
        leads.converted_at,
        leads.lost_at,
        {{ seconds_between('leads.created_at', 'leads.converted_at') }}
        / 86400 as days_to_convert,
        case
            when leads.converted_at is not null then 'converted'
            when leads.lost_at is not null then 'lost'
            when leads.qualified_at is not null then 'qualified'
            else 'open'
        end as stage,
        leads.value,
        leads.loaded_at
    from leads
    left join sessions
        on leads.session_id = sessions.session_id

)

select * from described
