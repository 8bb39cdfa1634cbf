-- Is the running test decided? Each experiment by its primary metric: while it runs only the
-- always-valid p-value may decide, at its end the fixed one; a broken split decides nothing.
with

results as (

    select * from {{ ref('experiment_results') }}
    where variant <> 'control'

),

experiments as (

    select * from {{ ref('experiments') }}

),

judged as (

    select
        results.experiment_id,
        experiments.name,
        results.metric,
        results.variant,
        results.ends_on,
        results.is_running,
        results.visitors,
        results.relative_lift,
        {{ divide('results.ci_low', 'results.control_mean') }} as relative_lift_low,
        {{ divide('results.ci_high', 'results.control_mean') }} as relative_lift_high,
        results.p_value as p_value_for_one_look_at_the_end,
        results.always_valid_p_value as p_value_for_any_day,
        results.comparisons,
        case
            when results.has_sample_ratio_mismatch
                then 'no: the split is not as planned, find out why before reading on'
            when results.is_running and results.always_valid_p_value < 0.05
                then 'yes, already'
            when results.is_running then 'not yet: let it run'
            when results.p_value is null then 'no: nothing happened'
            when results.p_value < 0.05 then 'yes'
            else 'no: too small to be seen with these visitors'
        end as is_decided,
        case
            when results.has_sample_ratio_mismatch or results.p_value is null then null
            when results.absolute_lift > 0 then results.variant
            else 'control'
        end as leads
    from results
    left join experiments
        on results.experiment_id = experiments.experiment_id
    where results.metric = coalesce(experiments.primary_metric, 'conversion_rate')

)

select * from judged
order by is_running desc, ends_on desc, experiment_id asc, variant asc
