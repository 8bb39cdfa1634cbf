{#- The data-driven model: a first-order Markov chain over channels (direct is a state), solved
    exactly. With P the moves between states, N = I + P + P^2 + ... the expected visits, and u = N f
    the chance to convert from each state,

        removal_effect(c) = N[start, c] / N[c, c] * u[c] / u[start]

    is the share of conversions lost when every path that enters channel c ends there in nothing
    (Anderl et al. 2016): a path from the start reaches c with probability
    N[start, c] / N[c, c].

    N is summed by doubling: N <- N + N P, P <- P P. After 10 doublings it holds paths of up to
    1,024 touches; `residual`, the largest chance that a path is longer, is held to 1e-9 by a test,
    and so is the chance to convert from the start, which has to be that of the paths. -#}
{% set doublings = 10 %}

with

steps as (

    select
        path_id,
        position,
        channel,
        conversions,
        nulls,
        conversion_value,
        lead(channel) over (
            partition by path_id
            order by position
        ) as next_channel
    from {{ ref('int_channel_paths') }}

),

moves as (

    select
        channel as from_state,
        next_channel as to_state,
        conversions + nulls as paths,
        conversions,
        conversion_value
    from steps

    union all

    select
        '(start)' as from_state,
        channel as to_state,
        conversions + nulls as paths,
        conversions,
        conversion_value
    from steps
    where position = 1

),

states as (

    select
        from_state as state,
        sum(paths) as paths,
        sum(conversions) filter (where to_state is null) as conversions,
        sum(conversion_value) filter (where to_state is null) as conversion_value
    from moves
    group by from_state

),

moves_counted as (

    select
        from_state,
        to_state,
        sum(paths) as paths
    from moves
    where to_state is not null
    group by from_state, to_state

),

chances_0 as (

    select
        moves_counted.from_state,
        moves_counted.to_state,
        {{ divide('moves_counted.paths', 'states.paths') }} as chance
    from moves_counted
    inner join states
        on moves_counted.from_state = states.state

),

visits_0 as (

    select
        state as from_state,
        state as to_state,
        cast(1 as {{ type_double() }}) as visits
    from states

),

{{ chain_doubled(doublings) }}
remainder as (

    select coalesce(max(chance), 0) as residual
    from chances_{{ doublings }}

),

outcomes as (

    select
        visits.from_state as state,
        {{ exact_sum(
            'visits.visits * ' ~ divide('states.conversions', 'states.paths'), places=24
        ) }} as conversion_chance,
        {{ exact_sum(
            'visits.visits * ' ~ divide('states.conversion_value', 'states.paths'), places=18
        ) }} as expected_value
    from visits_{{ doublings }} as visits
    inner join states
        on visits.to_state = states.state
    group by visits.from_state

),

totals as (

    select
        states.paths,
        outcomes.conversion_chance,
        outcomes.expected_value,
        sum(exits.conversions) as conversions,
        sum(exits.conversion_value) as conversion_value
    from states
    inner join outcomes
        on states.state = outcomes.state
    cross join states as exits
    where states.state = '(start)'
    group by states.paths, outcomes.conversion_chance, outcomes.expected_value

),

effects as (

    select
        states.state as channel,
        states.paths as touches,
        totals.paths,
        totals.conversions,
        totals.conversion_value,
        totals.conversion_chance as start_conversion_chance,
        remainder.residual,
        {{ divide('from_start.visits', 'to_itself.visits') }} as reach_chance,
        outcomes.conversion_chance,
        {{ divide('from_start.visits', 'to_itself.visits') }}
        * coalesce({{ divide('outcomes.conversion_chance', 'totals.conversion_chance') }}, 0)
            as removal_effect,
        {{ divide('from_start.visits', 'to_itself.visits') }}
        * coalesce({{ divide('outcomes.expected_value', 'totals.expected_value') }}, 0)
            as value_removal_effect
    from states
    inner join visits_{{ doublings }} as from_start
        on
            from_start.from_state = '(start)'
            and states.state = from_start.to_state
    inner join visits_{{ doublings }} as to_itself
        on
            states.state = to_itself.from_state
            and states.state = to_itself.to_state
    inner join outcomes
        on states.state = outcomes.state
    cross join totals
    cross join remainder
    where states.state <> '(start)'

),

shared as (

    select
        channel,
        touches,
        paths,
        conversions,
        conversion_value,
        start_conversion_chance,
        residual,
        reach_chance,
        conversion_chance,
        removal_effect,
        value_removal_effect,
        coalesce(
            {{ divide('removal_effect', exact_sum('removal_effect', places=24, over='')) }}, 0
        ) as credit_share,
        coalesce(
            {{ divide(
                'value_removal_effect', exact_sum('value_removal_effect', places=24, over='')
            ) }},
            0
        ) as value_credit_share
    from effects

)

select * from shared
