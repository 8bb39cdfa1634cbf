{#- Whether the visitors were split as planned: one chi-square over all variants of an
    experiment. -#}
with

visitors as (

    select * from {{ ref('int_experiment_visitors') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

variants as (

    select
        experiment_id,
        variant,
        count(*) as visitors
    from visitors
    where not is_excluded
    group by experiment_id, variant

),

totals as (

    select
        experiment_id,
        sum(visitors) as visitors,
        count(*) as variants
    from variants
    group by experiment_id

),

excluded as (

    select
        experiment_id,
        count(*) as excluded_visitors
    from visitors
    where is_excluded
    group by experiment_id

),

planned as (

    -- "Planned split from the seed, else equal"
    select
        variants.experiment_id,
        variants.visitors,
        totals.visitors as all_visitors,
        case
            when experiments.planned_split is null
                then {{ divide('1', 'totals.variants') }}
            else
                coalesce(
                    {{ json_number('experiments.planned_split', 'variants.variant') }}, 0
                )
        end as planned_share
    from variants
    inner join totals
        on variants.experiment_id = totals.experiment_id
    left join experiments
        on variants.experiment_id = experiments.experiment_id

),

compared as (

    select
        experiment_id,
        all_visitors,
        count(*) as variants,
        bool_or(planned_share <= 0) as has_unplanned_variant,
        -- a planned variant that nobody saw: its whole share is missing
        greatest(1 - {{ exact_sum('planned_share') }}, 0) as missing_share,
        {{ exact_sum(
            divide(
                'power(visitors - all_visitors * planned_share, 2)', 'all_visitors * planned_share'
            )
        ) }} as chi_square_seen
    from planned
    group by experiment_id, all_visitors

),

summed as (

    select
        experiment_id,
        has_unplanned_variant,
        chi_square_seen
        + case when missing_share > 1e-9 then all_visitors * missing_share else 0 end as chi_square,
        variants - case when missing_share > 1e-9 then 0 else 1 end as degrees
    from compared

),

tested as (

    select
        summed.experiment_id,
        coalesce(excluded.excluded_visitors, 0) as excluded_visitors,
        summed.chi_square,
        case
            when summed.has_unplanned_variant then 0
            else {{ chi_square_tail('summed.chi_square', 'summed.degrees') }}
        end as srm_p_value
    from summed
    left join excluded
        on summed.experiment_id = excluded.experiment_id

)

select * from tested
