{#- The days of every month, quarter and year, and of every week, add up to it, for measures
    that are additive over time. -#}
{% test periods_add_up(model, measures) %}

with

days_summed as (

    {% for grain in ['week', 'month', 'quarter', 'year'] -%}
    select
        '{{ grain }}' as period_grain,
        {{ first_day_of(grain, 'period_start') }} as period_start,
        segment_type,
        segment_value,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
    where period_grain = 'day'
    group by {{ first_day_of(grain, 'period_start') }}, segment_type, segment_value
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods as (

    select *
    from {{ model }}
    where period_grain <> 'day'

)

select
    coalesce(periods.period_grain, days_summed.period_grain) as period_grain,
    coalesce(periods.period_start, days_summed.period_start) as period_start,
    coalesce(periods.segment_type, days_summed.segment_type) as segment_type,
    coalesce(periods.segment_value, days_summed.segment_value) as segment_value
from periods
full outer join days_summed
    on
        periods.period_grain = days_summed.period_grain
        and periods.period_start = days_summed.period_start
        and periods.segment_type = days_summed.segment_type
        and periods.segment_value = days_summed.segment_value
where
    periods.period_grain is null
    or days_summed.period_grain is null
    {%- for measure in measures %}
    or (periods.{{ measure }} is null) <> (days_summed.{{ measure }} is null)
    or abs(periods.{{ measure }} - days_summed.{{ measure }}) > 1e-9 * greatest(1, abs(periods.{{ measure }}))
    {%- endfor %}

{% endtest %}
