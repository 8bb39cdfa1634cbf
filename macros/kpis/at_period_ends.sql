{#- Stocks, not flows: running totals of moves, read on the last day of each period, from the first move to
    the period that holds as_of. Writes the CTEs up to `at_period_ends`; the model has a CTE `as_of`.

    moves      a CTE with one row a day (`moved_on`) and keys, and the moves of that day
    keys       the columns that a total is kept by
    measures   {name of the total: column that is added up}

    Grain of at_period_ends: period_grain, period_start and the keys; beside them period_end, as_of.
    Example: {{ at_period_ends('moves_by_day', ['segment_type', 'segment_value'], {'backlog': 'orders'}) }} -#}
{%- macro at_period_ends(moves, keys, measures) -%}
{%- set by = keys | join(', ') -%}
levels as (

    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        moved_on,
        {%- for total, column in measures.items() %}
        sum({{ column }}) over (
            partition by {{ by }}
            order by moved_on
        ) as {{ total }},
        {%- endfor %}
        lead(moved_on) over (
            partition by {{ by }}
            order by moved_on
        ) as next_moved_on
    from {{ moves }}

),

bounds as (

    select
        as_of.as_of as last_day,
        min({{ moves }}.moved_on) as first_day
    from {{ moves }}
    cross join as_of
    group by as_of.as_of

),

days as (

    select {{ days_between('first_day', 'last_day') }} as date_day
    from bounds

),

periods as (

    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] -%}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'date_day') }} as period_start
    from days
    group by {{ first_day_of(grain, 'date_day') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods_ended as (

    select
        period_grain,
        period_start,
        {{ last_day_of('period_grain', 'period_start') }} as period_end
    from periods

),

at_period_ends as (

    select
        periods_ended.period_grain,
        periods_ended.period_start,
        periods_ended.period_end,
        as_of.as_of,
        {%- for key in keys %}
        levels.{{ key }},
        {%- endfor %}
        {%- for total in measures %}
        levels.{{ total }}{{ ',' if not loop.last }}
        {%- endfor %}
    from periods_ended
    inner join levels
        on
            periods_ended.period_end >= levels.moved_on
            and (periods_ended.period_end < levels.next_moved_on or levels.next_moved_on is null)
    cross join as_of

)
{%- endmacro -%}
