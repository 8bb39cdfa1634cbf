{#- The expected visits and the chances of a Markov chain by doubling, N <- N + N P, P <- P P: the CTEs
    from visits_0 (from_state, to_state, visits) and chances_0 (from_state, to_state, chance) to
    visits_<doublings> and chances_<doublings>. Spark puts a CTE in place of each of its names, so
    that ten steps are 3^10 copies: there the matrices are arrays, folded. It reads `states` (state).
    Example: {{ chain_doubled(10) }} -#}
{%- macro chain_doubled(doublings) -%}
    {{ return(adapter.dispatch('chain_doubled', 'ecommerce_kpis')(doublings)) }}
{%- endmacro -%}

{%- macro default__chain_doubled(doublings) -%}
{%- for step in range(1, doublings + 1) -%}
{%- set before = step - 1 %}
visits_{{ step }} as (

    select
        from_state,
        to_state,
        {{ exact_sum('visits', places=24) }} as visits
    from (
        select
            from_state,
            to_state,
            visits
        from visits_{{ before }}

        union all

        select
            visits_{{ before }}.from_state,
            chances_{{ before }}.to_state,
            visits_{{ before }}.visits * chances_{{ before }}.chance as visits
        from visits_{{ before }}
        inner join chances_{{ before }}
            on visits_{{ before }}.to_state = chances_{{ before }}.from_state
    ) as parts
    group by from_state, to_state

),

chances_{{ step }} as (

    select
        earlier.from_state,
        later.to_state,
        {{ exact_sum('earlier.chance * later.chance', places=24) }} as chance
    from chances_{{ before }} as earlier
    inner join chances_{{ before }} as later
        on earlier.to_state = later.from_state
    group by earlier.from_state, later.to_state

),

{% endfor -%}
{%- endmacro -%}

{%- macro spark__chain_doubled(doublings) -%}
numbered_states as (

    select array_sort(collect_list(state)) as names
    from states

),

chances_from as (

    select
        from_state,
        map_from_entries(collect_list(struct(to_state, chance))) as chances
    from chances_0
    group by from_state

),

matrix_rows as (

    select
        numbered_states.names,
        array_position(numbered_states.names, states.state) as row_number,
        transform(numbered_states.names, name -> case when name = states.state then 1D else 0D end) as visits,
        transform(numbered_states.names, name -> coalesce(try_element_at(chances_from.chances, name), 0D)) as chances
    from states
    cross join numbered_states
    left join chances_from
        on states.state = chances_from.from_state

),

matrices as (

    select
        names,
        transform(array_sort(collect_list(struct(row_number, visits))), line -> line.visits) as visits,
        transform(array_sort(collect_list(struct(row_number, chances))), line -> line.chances) as chances
    from matrix_rows
    group by names

),

folded as (

    select
        names,
        aggregate(
            sequence(1, {{ doublings }}),
            named_struct('visits', visits, 'chances', chances),
            (held, step) -> named_struct(
                'visits', zip_with(
                    held.visits,
                    {{ spark__matrix_product('held.visits', 'held.chances') }},
                    (line, added) -> zip_with(line, added, (one, other) -> one + other)
                ),
                'chances', {{ spark__matrix_product('held.chances', 'held.chances') }}
            )
        ) as result
    from matrices

),

folded_rows as (

    select
        names,
        names[row_number] as from_state,
        result.visits[row_number] as visits,
        result.chances[row_number] as chances
    from folded
    lateral view posexplode(names) as_rows as row_number, name

),

{% for matrix, cell in {'visits': 'visits', 'chances': 'chance'}.items() -%}
{{ matrix }}_{{ doublings }} as (

    select
        from_state,
        names[column_number] as to_state,
        cell as {{ cell }}
    from folded_rows
    lateral view posexplode(folded_rows.{{ matrix }}) as_cells as column_number, cell
    where cell > 0

),

{% endfor -%}
{%- endmacro -%}

{#- The product of two square matrices of doubles, arrays of rows. -#}
{%- macro spark__matrix_product(one, other) -%}
    transform(
        {{ one }},
        line -> transform(
            sequence(0, size(line) - 1),
            to -> aggregate(sequence(0, size(line) - 1), 0D, (total, via) -> total + line[via] * {{ other }}[via][to])
        )
    )
{%- endmacro -%}
