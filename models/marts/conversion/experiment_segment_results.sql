with

tests as (

    select * from {{ ref('int_experiment_tests') }}
    where not is_adjusted

),

listed as (

    select
        experiment_id,
        metric,
        variant,
        segment_type,
        segment_value,
        visitors,
        conversions,
        mean,
        standard_error,
        control_mean,
        absolute_lift,
        relative_lift,
        ci_low,
        ci_high,
        p_value,
        always_valid_p_value,
        is_significant,
        comparisons,
        srm_p_value,
        has_sample_ratio_mismatch,
        excluded_visitors,
        observations,
        statistic,
        degrees_of_freedom,
        ends_on,
        is_running
    from tests

)

select * from listed
