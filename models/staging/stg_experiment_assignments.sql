with

base_experiment_assignments as (

    select * from {{ ref('base_experiment_assignments') }}

),

accepted as (

    select
        experiment_id,
        visitor_id,
        variant,
        assigned_at,
        {{ local_day('assigned_at') }} as assigned_on,
        loaded_at
    from base_experiment_assignments
    where row_status = 'accepted'

)

select * from accepted
