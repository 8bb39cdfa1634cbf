with

tests as (

    select * from {{ ref('int_experiment_tests') }}
    where segment_type = 'all'

),

adjusted as (

    select * from tests
    where is_adjusted

),

listed as (

    select
        tests.experiment_id,
        tests.metric,
        tests.variant,
        tests.visitors,
        tests.conversions,
        tests.mean,
        tests.standard_error,
        tests.control_mean,
        tests.absolute_lift,
        tests.relative_lift,
        tests.ci_low,
        tests.ci_high,
        tests.p_value,
        tests.always_valid_p_value,
        tests.is_significant,
        tests.comparisons,
        tests.srm_p_value,
        tests.has_sample_ratio_mismatch,
        tests.excluded_visitors,
        tests.observations,
        tests.statistic,
        tests.degrees_of_freedom,
        tests.ends_on,
        tests.is_running,
        adjusted.mean as cuped_mean,
        adjusted.absolute_lift as cuped_absolute_lift,
        adjusted.ci_low as cuped_ci_low,
        adjusted.ci_high as cuped_ci_high,
        adjusted.p_value as cuped_p_value,
        -- how much narrower the estimate is: variance of the lift with over without
        power({{ divide('adjusted.lift_error', 'tests.lift_error') }}, 2) as cuped_variance_ratio
    from tests
    left join adjusted
        on
            tests.experiment_id = adjusted.experiment_id
            and tests.metric = adjusted.metric
            and tests.variant = adjusted.variant
    where not tests.is_adjusted

)

select * from listed
