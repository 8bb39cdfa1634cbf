{#- Each target held against SMART, by the rules of docs/decisions.md, Steering, 2. -#}
with

targets as (

    select
        *,
        nullif(trim(statement), '') as what,
        nullif(trim(why_achievable), '') as why,
        nullif(trim(objective), '') as serves,
        nullif(trim(owner), '') as answers,
        cast(starts_on - interval '1' day as date) as day_before,
        cast(ends_on + interval '1' day as date) as day_after
    from {{ ref('kpi_targets') }}

),

catalogue as (

    select * from {{ ref('kpi_catalogue') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

history as (

    select
        targets.target_id,
        kpi_values.period_start,
        kpi_values.is_complete_period as is_complete,
        kpi_values.value,
        {{ period_number('kpi_values.period_grain', 'kpi_values.period_start') }} as period_number
    from targets
    inner join {{ ref('kpi_values') }} as kpi_values
        on
            targets.kpi = kpi_values.kpi
            and targets.segment_type = kpi_values.segment_type
            and targets.segment_value = kpi_values.segment_value
            and targets.period_grain = kpi_values.period_grain
    where kpi_values.value is not null

),

spans as (

    select
        targets.target_id,
        greatest(
            -- those that lie whole between its two days
            {{ period_number('targets.period_grain', 'targets.day_after') }}
            - {{ period_number('targets.period_grain', 'targets.day_before') }}
            - 1,
            1
        ) as periods
    from targets
    where targets.ends_on is not null and targets.starts_on is not null

),

summarised as (

    select
        target_id,
        count(*) as values_known,
        max(case when is_complete then value end) as highest,
        min(case when is_complete then value end) as lowest
    from history
    group by target_id

),

-- "the best move that history shows between two complete periods at most as many periods apart as
-- the target has"
moves as (

    select
        earlier.target_id,
        max(later.value - earlier.value) as largest_rise,
        max(earlier.value - later.value) as largest_fall
    from history as earlier
    inner join spans
        on earlier.target_id = spans.target_id
    inner join history as later
        on
            earlier.target_id = later.target_id
            and earlier.period_number < later.period_number
            and earlier.period_number + spans.periods >= later.period_number
    where earlier.is_complete and later.is_complete
    group by earlier.target_id

),

ruled as (

    select
        targets.*,
        catalogue.kpi is not null as is_registered,
        coalesce(
            targets.segment_type = 'all' and targets.segment_value = 'all'
            or targets.segment_type <> 'all'
            and trim(targets.segment_value) <> ''
            and concat(', ', catalogue.segment_types, ', ')
            like concat('%, ', targets.segment_type, ', %'),
            false
        ) as is_one_segment,
        coalesce(
            length(targets.what) - length(replace(targets.what, ' ', '')) >= 3, false
        ) as is_a_sentence,
        coalesce(summarised.values_known > 0, false) as has_values,
        targets.baseline_value is not null and targets.target_value is not null as has_numbers,
        coalesce(
            case
                when catalogue.direction = 'up'
                    then
                        summarised.highest >= targets.target_value
                        or moves.largest_rise >= targets.target_value - targets.baseline_value
                else
                    summarised.lowest <= targets.target_value
                    or moves.largest_fall >= targets.baseline_value - targets.target_value
            end, false
        ) as was_possible,
        coalesce(
            targets.review_rhythm in ('daily', 'weekly', 'monthly', 'quarterly', 'yearly'), false
        ) as has_rhythm,
        coalesce(targets.ends_on >= as_of.as_of, false) as is_not_over
    from targets
    cross join as_of
    left join catalogue
        on targets.kpi = catalogue.kpi
    left join summarised
        on targets.target_id = summarised.target_id
    left join moves
        on targets.target_id = moves.target_id

),

held as (

    select
        target_id,
        kpi,
        segment_type,
        segment_value,
        period_grain,
        what as statement,
        baseline_value,
        target_value,
        starts_on,
        ends_on,
        owner,
        is_registered and is_one_segment and is_a_sentence as is_specific,
        has_numbers and has_values as is_measurable,
        why is not null and was_possible as is_achievable,
        serves is not null and answers is not null as is_relevant,
        starts_on is not null and ends_on is not null and has_rhythm and is_not_over
            as is_time_bound,
        concat_ws(
            ' ',
            case when not is_registered then 'Not specific: there is no KPI of that name.' end,
            case
                when is_registered and not is_one_segment
                    then 'Not specific: name one segment that the KPI is cut by, or all.'
            end,
            case
                when not is_a_sentence then 'Not specific: say in a sentence what is to be reached.'
            end,
            case
                when not has_numbers then 'Not measurable: give baseline and target as numbers.'
            end,
            case
                when not has_values
                    then 'Not measurable: the KPI has no value for that segment and grain.'
            end,
            case when why is null then 'Not achievable: say why it can be reached.' end,
            case
                when has_numbers and has_values and not was_possible
                    then 'Not achievable: never reached, nor a move as large in as many periods.'
            end,
            case when serves is null then 'Not relevant: name the objective that it serves.' end,
            case when answers is null then 'Not relevant: name an owner.' end,
            case
                when starts_on is null or ends_on is null
                    then 'Not time-bound: give its first and its last day.'
            end,
            case
                when not has_rhythm
                    then 'Not time-bound: review it daily, weekly, monthly, quarterly or yearly.'
            end,
            case when ends_on is not null and not is_not_over then 'Not time-bound: it is over.' end
        ) as shortcomings
    from ruled

),

explained as (

    select
        target_id,
        kpi,
        segment_type,
        segment_value,
        period_grain,
        statement,
        baseline_value,
        target_value,
        starts_on,
        ends_on,
        owner,
        is_specific,
        is_measurable,
        is_achievable,
        is_relevant,
        is_time_bound,
        is_specific and is_measurable and is_achievable and is_relevant and is_time_bound
            as is_smart,
        coalesce(
            nullif(shortcomings, ''),
            'Specific, measurable, achievable, relevant and time-bound.'
        ) as explanation
    from held

)

select * from explained
