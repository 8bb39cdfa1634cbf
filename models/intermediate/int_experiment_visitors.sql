with

assignments as (

    select * from {{ ref('stg_experiment_assignments') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

sessions as (

    select * from {{ ref('int_sessions_identified') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- one row a visitor: "A visitor seen in two variants is left out, and counted"
assigned as (

    select
        experiment_id,
        visitor_id,
        min(variant) as variant,
        min(assigned_at) as assigned_at,
        min(assigned_on) as assigned_on,
        count(*) > 1 as is_excluded
    from assignments
    group by experiment_id, visitor_id

),

-- the session in which the visitor was assigned: the newest by then, else the first after it
sessions_numbered as (

    select
        assigned.experiment_id,
        assigned.visitor_id,
        sessions.device_type,
        case when sessions.visit_number = 1 then 'new' else 'returning' end as visitor_type,
        row_number() over (
            partition by assigned.experiment_id, assigned.visitor_id
            order by
                case
                    when sessions.started_at <= assigned.assigned_at then -sessions.visit_number
                    else sessions.visit_number
                end
        ) as session_number
    from assigned
    inner join sessions
        on assigned.visitor_id = sessions.visitor_id

),

described as (

    select
        assigned.experiment_id,
        assigned.visitor_id,
        assigned.variant,
        assigned.assigned_at,
        assigned.assigned_on,
        -- "from assigned_at to the experiment's end (seed; else as_of)"
        coalesce(experiments.ended_on, as_of.as_of) as last_on,
        coalesce(sessions_numbered.device_type, 'unknown') as device_type,
        coalesce(sessions_numbered.visitor_type, 'unknown') as visitor_type,
        assigned.is_excluded
    from assigned
    left join experiments
        on assigned.experiment_id = experiments.experiment_id
    left join sessions_numbered
        on
            assigned.experiment_id = sessions_numbered.experiment_id
            and assigned.visitor_id = sessions_numbered.visitor_id
            and sessions_numbered.session_number = 1
    cross join as_of

)

select * from described
