{#- What late orders say and do, beside those on time: as they are, and at equal mix, that is within
    the same carrier, mode and zone. Late orders differ in more than that: no cause is claimed. -#}
{% set z = '1.959963984540054e0' %}

with

orders_late as (

    select * from {{ ref('int_orders_late') }}
    where days_late is not null

),

surveys as (

    select * from {{ ref('fct_surveys') }}

),

observed as (

    select
        'nps' as outcome,
        concat_ws(
            '|',
            coalesce(orders_late.carrier, 'unknown'),
            coalesce(orders_late.delivery_mode, 'unknown'),
            coalesce(orders_late.zone, 'unknown')
        ) as stratum,
        least(orders_late.days_late, 7) as days_late,
        case when surveys.score >= 9 then 100 when surveys.score <= 6 then -100 else 0 end as result
    from surveys
    inner join orders_late
        on surveys.order_id = orders_late.order_id
    where
        surveys.survey_type = 'nps'
        and surveys.responded_at is not null
        and surveys.score is not null

    union all

    select
        'repeat_purchase_90d' as outcome,
        concat_ws(
            '|',
            coalesce(carrier, 'unknown'),
            coalesce(delivery_mode, 'unknown'),
            coalesce(zone, 'unknown')
        ) as stratum,
        least(days_late, 7) as days_late,
        case when has_repeat_90d then 1 else 0 end as result
    from orders_late
    where has_repeat_90d is not null

),

cells as (

    select
        outcome,
        stratum,
        days_late,
        count(*) as observations,
        sum(result) as results,
        sum(result * result) as results_squared
    from observed
    group by outcome, stratum, days_late

),

-- ---- by days late, beside the orders on time

arms as (

    select
        outcome,
        days_late,
        sum(observations) as observations,
        {{ divide('sum(results)', 'sum(observations)') }} as mean,
        {{ divide(
            'sum(observations) * sum(results_squared) - sum(results) * sum(results)',
            'sum(observations) * (sum(observations) - 1)',
        ) }} as variance
    from cells
    group by outcome, days_late

),

paired as (

    select
        late.outcome,
        late.days_late,
        late.observations as late_observations,
        {{ divide('late.results', 'late.observations') }}
        - {{ divide('on_time.results', 'on_time.observations') }} as difference,
        -- Mantel and Haenszel's weight
        {{ divide(
            'late.observations * on_time.observations',
            'late.observations + on_time.observations',
        ) }} as weight,
        {{ divide('arms.variance', 'late.observations') }}
        + {{ divide('arms_on_time.variance', 'on_time.observations') }} as variance
    from cells as late
    inner join cells as on_time
        on
            late.outcome = on_time.outcome
            and late.stratum = on_time.stratum
            and on_time.days_late = 0
    inner join arms
        on
            late.outcome = arms.outcome
            and late.days_late = arms.days_late
    inner join arms as arms_on_time
        on
            late.outcome = arms_on_time.outcome
            and arms_on_time.days_late = 0
    where late.days_late > 0

),

mixed as (

    select
        outcome,
        days_late,
        sum(late_observations) as comparable_observations,
        {{ divide(exact_sum('weight * difference'), exact_sum('weight')) }} as difference,
        sqrt({{ divide(
            exact_sum('weight * weight * variance'),
            exact_sum('weight') ~ ' * ' ~ exact_sum('weight'),
        ) }}) as standard_error
    from paired
    group by outcome, days_late

),

by_days as (

    select
        late.outcome,
        cast(late.days_late as {{ type_text() }}) as lateness,
        late.observations,
        late.mean as value,
        on_time.mean as value_on_time,
        late.mean - on_time.mean as difference,
        sqrt({{
            divide('late.variance', 'late.observations')
            ~ ' + ' ~ divide('on_time.variance', 'on_time.observations')
        }}) as standard_error,
        mixed.comparable_observations,
        mixed.difference as difference_at_equal_mix,
        mixed.standard_error as standard_error_at_equal_mix
    from arms as late
    left join arms as on_time
        on
            late.outcome = on_time.outcome
            and on_time.days_late = 0
    left join mixed
        on
            late.outcome = mixed.outcome
            and late.days_late = mixed.days_late
    where late.days_late > 0

),

-- ---- a day: the slope of the result over the days late (least squares), and the slope within
-- carrier, mode and zone

strata as (

    select
        outcome,
        stratum,
        sum(observations) as observations,
        sum(days_late * observations) as x,
        sum(days_late * days_late * observations) as xx,
        sum(results) as y,
        sum(results_squared) as yy,
        sum(days_late * results) as xy
    from cells
    group by outcome, stratum

),

sums as (

    select
        outcome,
        sum(observations) as observations,
        count(*) as strata,
        sum(xx) - {{ divide('sum(x) * sum(x)', 'sum(observations)') }} as sxx,
        sum(yy) - {{ divide('sum(y) * sum(y)', 'sum(observations)') }} as syy,
        sum(xy) - {{ divide('sum(x) * sum(y)', 'sum(observations)') }} as sxy,
        {{ exact_sum('xx - ' ~ divide('x * x', 'observations')) }} as sxx_within,
        {{ exact_sum('yy - ' ~ divide('y * y', 'observations')) }} as syy_within,
        {{ exact_sum('xy - ' ~ divide('x * y', 'observations')) }} as sxy_within
    from strata
    group by outcome

),

-- squared standard errors of the slopes; rounding may leave a perfect fit just below zero
fitted as (

    select
        *,
        {{ divide(
            'syy - ' ~ divide('sxy * sxy', 'sxx'),
            '(observations - 2) * sxx',
        ) }} as squared_error,
        {{ divide(
            'syy_within - ' ~ divide('sxy_within * sxy_within', 'sxx_within'),
            '(observations - strata - 1) * sxx_within',
        ) }} as squared_error_within
    from sums

),

by_day as (

    select
        outcome,
        'per_day' as lateness,
        observations,
        cast(null as {{ type_double() }}) as value,
        cast(null as {{ type_double() }}) as value_on_time,
        {{ divide('sxy', 'sxx') }} as difference,
        sqrt(case when squared_error >= 0 then squared_error else 0 * squared_error end)
            as standard_error,
        observations as comparable_observations,
        {{ divide('sxy_within', 'sxx_within') }} as difference_at_equal_mix,
        sqrt(
            case
                when squared_error_within >= 0 then squared_error_within
                else 0 * squared_error_within
            end
        ) as standard_error_at_equal_mix
    from fitted

),

together as (

    select * from by_days
    union all
    select * from by_day

),

described as (

    select
        outcome,
        lateness,
        cast(observations as bigint) as observations,
        value,
        value_on_time,
        difference,
        difference - {{ z }} * standard_error as ci_low,
        difference + {{ z }} * standard_error as ci_high,
        cast(comparable_observations as bigint) as comparable_observations,
        difference_at_equal_mix,
        difference_at_equal_mix - {{ z }} * standard_error_at_equal_mix as equal_mix_ci_low,
        difference_at_equal_mix + {{ z }} * standard_error_at_equal_mix as equal_mix_ci_high
    from together

)

select * from described
