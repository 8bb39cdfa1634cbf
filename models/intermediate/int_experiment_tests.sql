{#- Every test of every experiment, for all visitors and by segment, and adjusted by CUPED. The
    formulas are those of docs/decisions.md, Site, 4, and of macros/definitions. -#}
{% set z = '1.959963984540054e0' %}

with

looks as (

    select
        experiment_id,
        segment_type,
        segment_value,
        metric,
        false as is_adjusted,
        variant,
        look_on,
        is_last,
        observations,
        mean,
        standard_error
    from {{ ref('int_experiment_looks') }}

    union all

    select
        experiment_id,
        'all' as segment_type,
        'all' as segment_value,
        metric,
        true as is_adjusted,
        variant,
        look_on,
        true as is_last,
        observations,
        mean,
        standard_error
    from {{ ref('int_experiment_adjusted') }}

),

visitors as (

    select * from {{ ref('int_experiment_visitors') }}
    where not is_excluded

),

orders as (

    select * from {{ ref('int_experiment_orders') }}
    where moment = 'during'

),

splits as (

    select * from {{ ref('int_experiment_splits') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

orders_counted as (

    select
        experiment_id,
        visitor_id,
        count(*) as orders
    from orders
    group by experiment_id, visitor_id

),

visitors_ordered as (

    select
        visitors.experiment_id,
        visitors.variant,
        visitors.device_type,
        visitors.visitor_type,
        'all' as all_visitors,
        coalesce(orders_counted.orders, 0) as orders
    from visitors
    left join orders_counted
        on
            visitors.experiment_id = orders_counted.experiment_id
            and visitors.visitor_id = orders_counted.visitor_id

),

visitors_counted as (

    {% for type, column in {
        'all': 'all_visitors', 'device_type': 'device_type', 'visitor_type': 'visitor_type',
    }.items() -%}
    select
        experiment_id,
        '{{ type }}' as segment_type,
        {{ column }} as segment_value,
        variant,
        count(*) as visitors,
        sum(orders) as conversions
    from visitors_ordered
    group by experiment_id, {{ column }}, variant
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- "one look a day": each variant beside control at the end of each day
compared as (

    select
        looks.*,
        control.observations as control_observations,
        control.mean as control_mean,
        control.standard_error as control_standard_error,
        case when looks.variant <> 'control' then looks.mean - control.mean end as absolute_lift,
        case
            when looks.variant <> 'control'
                then power(looks.standard_error, 2) + power(control.standard_error, 2)
        end as lift_variance
    from looks
    left join looks as control
        on
            looks.experiment_id = control.experiment_id
            and looks.segment_type = control.segment_type
            and looks.segment_value = control.segment_value
            and looks.metric = control.metric
            and looks.is_adjusted = control.is_adjusted
            and looks.look_on = control.look_on
            and control.variant = 'control'

),

-- "tau = the smallest lift worth finding (seed, default 5 % of the control's mean)"
worth_finding as (

    select
        compared.experiment_id,
        compared.segment_type,
        compared.segment_value,
        compared.metric,
        compared.variant,
        power(coalesce(experiments.minimum_lift, 0.05e0) * compared.control_mean, 2) as tau_squared
    from compared
    left join experiments
        on compared.experiment_id = experiments.experiment_id
    where
        compared.is_last
        and not compared.is_adjusted

),

likelihoods as (

    select
        compared.experiment_id,
        compared.segment_type,
        compared.segment_value,
        compared.metric,
        compared.variant,
        power(compared.absolute_lift, 2) as lift_squared,
        compared.lift_variance,
        worth_finding.tau_squared,
        compared.lift_variance + worth_finding.tau_squared as mixed_variance
    from compared
    inner join worth_finding
        on
            compared.experiment_id = worth_finding.experiment_id
            and compared.segment_type = worth_finding.segment_type
            and compared.segment_value = worth_finding.segment_value
            and compared.metric = worth_finding.metric
            and compared.variant = worth_finding.variant
    where
        not compared.is_adjusted
        -- a look without variance says nothing
        and compared.lift_variance > 0
        and worth_finding.tau_squared > 0

),

-- Lambda = sqrt(V / (V + tau^2)) exp(tau^2 d^2 / (2 V (V + tau^2)))
weighed as (

    select
        *,
        sqrt(mixed_variance / lift_variance)
        * exp(-tau_squared * lift_squared / (2 * lift_variance * mixed_variance))
            as one_over_lambda
    from likelihoods

),

-- the p-value is the least 1 / Lambda of all looks so far, 1 at most
mixed as (

    select
        experiment_id,
        segment_type,
        segment_value,
        metric,
        variant,
        least(1e0, min(one_over_lambda)) as always_valid_p_value
    from weighed
    group by experiment_id, segment_type, segment_value, metric, variant

),

pooled as (

    select
        *,
        {{ divide(
            'mean * observations + control_mean * control_observations',
            'observations + control_observations',
        ) }} as pooled_rate,
        sqrt(lift_variance) as lift_error,
        {{ welch_degrees(
            'standard_error', 'observations', 'control_standard_error', 'control_observations'
        ) }} as degrees
    from compared
    where is_last

),

scored as (

    select
        *,
        case
            when metric = 'conversion_rate' and not is_adjusted
                then {{ divide(
                    'absolute_lift',
                    'sqrt(pooled_rate * (1 - pooled_rate)'
                    ~ ' * (1e0 / nullif(observations, 0) + 1e0 / nullif(control_observations, 0)))',
                ) }}
            else {{ divide('absolute_lift', 'lift_error') }}
        end as statistic,
        mean * (1 - mean) / nullif(observations, 0)
        + control_mean * (1 - control_mean) / nullif(control_observations, 0) as rate_variance
    from pooled

),

students as (

    -- the linter does not know DuckDB's lambda functions
    select
        *,
        {{ student_p_value('statistic', 'degrees') }} as student_p_value, -- noqa
        {{ student_quantile('degrees') }} as student_quantile -- noqa
    from scored

),

judged as (

    -- "unpooled for the interval" of the rate, "Welch's t for money"
    select
        *,
        case
            when metric = 'conversion_rate' and not is_adjusted
                then 2 * {{ normal_upper_tail('statistic') }}
            else student_p_value
        end as p_value,
        case
            when metric = 'conversion_rate' and not is_adjusted
                then {{ z }} * sqrt(greatest(rate_variance, 0))
            else student_quantile * lift_error
        end as half_width
    from students

),

tests_counted as (

    -- "variants beside control x metrics x segment values tested for the experiment"
    select
        experiment_id,
        count(*) as comparisons
    from judged
    where
        variant <> 'control'
        and not is_adjusted
    group by experiment_id

),

tested as (

    select
        judged.experiment_id,
        judged.metric,
        judged.is_adjusted,
        judged.variant,
        judged.segment_type,
        judged.segment_value,
        coalesce(visitors_counted.visitors, 0) as visitors,
        cast(coalesce(visitors_counted.conversions, 0) as bigint) as conversions,
        cast(judged.observations as bigint) as observations,
        judged.mean,
        judged.standard_error,
        judged.control_mean,
        judged.absolute_lift,
        {{ divide('judged.absolute_lift', 'judged.control_mean') }} as relative_lift,
        case
            when judged.lift_error > 0 then judged.absolute_lift - judged.half_width
        end as ci_low,
        case
            when judged.lift_error > 0 then judged.absolute_lift + judged.half_width
        end as ci_high,
        judged.lift_error,
        judged.statistic,
        case
            when
                judged.variant <> 'control'
                and (judged.metric <> 'conversion_rate' or judged.is_adjusted)
                then judged.degrees
        end as degrees_of_freedom,
        judged.p_value,
        mixed.always_valid_p_value,
        tests_counted.comparisons,
        splits.srm_p_value,
        -- "mismatch below p = 0.001"
        splits.srm_p_value < 0.001 as has_sample_ratio_mismatch,
        splits.excluded_visitors,
        coalesce(experiments.ended_on, as_of.as_of) as ends_on,
        -- still open, or ending after the last day the data speaks for
        experiments.ended_on is null or experiments.ended_on > as_of.as_of as is_running
    from judged
    left join visitors_counted
        on
            judged.experiment_id = visitors_counted.experiment_id
            and judged.segment_type = visitors_counted.segment_type
            and judged.segment_value = visitors_counted.segment_value
            and judged.variant = visitors_counted.variant
    left join mixed
        on
            judged.experiment_id = mixed.experiment_id
            and judged.segment_type = mixed.segment_type
            and judged.segment_value = mixed.segment_value
            and judged.metric = mixed.metric
            and judged.variant = mixed.variant
            and not judged.is_adjusted
    left join tests_counted
        on judged.experiment_id = tests_counted.experiment_id
    inner join splits
        on judged.experiment_id = splits.experiment_id
    left join experiments
        on judged.experiment_id = experiments.experiment_id
    cross join as_of

),

concluded as (

    select
        experiment_id,
        metric,
        is_adjusted,
        variant,
        segment_type,
        segment_value,
        visitors,
        conversions,
        observations,
        mean,
        standard_error,
        control_mean,
        absolute_lift,
        relative_lift,
        ci_low,
        ci_high,
        lift_error,
        statistic,
        degrees_of_freedom,
        p_value,
        always_valid_p_value,
        -- "significant: p < 0.05, uncorrected, with the number of comparisons beside it"
        p_value < 0.05 as is_significant,
        comparisons,
        srm_p_value,
        has_sample_ratio_mismatch,
        excluded_visitors,
        ends_on,
        is_running
    from tested

)

select * from concluded
