{#- What net sales were made of, in a period and in the one it is compared with: visitors x orders
    per visitor x average order value, and the orders without a session. One row a change, with
    the contributions side by side; revenue_drivers and revenue_mix_effects lay them out.
    Logarithmic mean Divisia (Ang 2005), with its limits at zero. docs/decisions.md, Steering, 7. -#}
{% set types = ['all', 'channel', 'device_type'] %}
{% set comparisons = ['previous_period', 'year_ago'] %}

with

rollup_sessions as (

    select * from {{ ref('rollup_sessions') }}
    where
        segment_type in (
            '{{ types | join("', '") }}'
        )

),

rollup_orders as (

    select * from {{ ref('rollup_orders') }}
    where
        segment_type in (
            '{{ types | join("', '") }}'
        )

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

parts as (

    select
        coalesce(rollup_sessions.period_grain, rollup_orders.period_grain) as period_grain,
        coalesce(rollup_sessions.period_start, rollup_orders.period_start) as period_start,
        coalesce(rollup_sessions.segment_type, rollup_orders.segment_type) as segment_type,
        coalesce(rollup_sessions.segment_value, rollup_orders.segment_value) as segment_value,
        coalesce(rollup_sessions.visitors, 0) as visitors,
        coalesce(rollup_orders.orders_with_session, 0) as orders,
        cast(coalesce(rollup_orders.net_sales_with_session, 0) as {{ type_double() }}) as sales,
        cast(
            coalesce(rollup_orders.net_sales - rollup_orders.net_sales_with_session, 0)
            as {{ type_double() }}
        ) as other_sales
    from rollup_sessions
    full outer join rollup_orders
        on
            rollup_sessions.period_grain = rollup_orders.period_grain
            and rollup_sessions.period_start = rollup_orders.period_start
            and rollup_sessions.segment_type = rollup_orders.segment_type
            and rollup_sessions.segment_value = rollup_orders.segment_value

),

-- each visitor counts in every segment that saw him: shares are of the sum of the segments
totalled as (

    select
        *,
        sum(visitors) over (partition by period_grain, period_start, segment_type)
            as segments_visitors
    from parts

),

bounds as (

    select min(period_start) as first_day
    from parts
    where period_grain = 'day'

),

-- a day on which nothing at all happened is a period too
calendar_days as (

    select {{ days_between('bounds.first_day', 'as_of.as_of') }} as date_day
    from bounds
    cross join as_of

),

calendar as (

    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] -%}
    {% set outer_last = loop.last -%}
    {% for comparison in comparisons -%}
    select
        '{{ grain }}' as period_grain,
        '{{ comparison }}' as comparison,
        {{ first_day_of(grain, 'date_day') }} as period_start
    from calendar_days
    group by {{ first_day_of(grain, 'date_day') }}
    {% if not (loop.last and outer_last) %}union all{% endif %}
    {% endfor %}
    {%- endfor %}

),

compared_periods as (

    select
        period_grain,
        comparison,
        period_start,
        case comparison
            {% for comparison in comparisons -%}
            when '{{ comparison }}'
                then {{ compared_start(comparison, 'period_grain', 'period_start') }}
            {% endfor %}
        end as compared_start
    from calendar

),

known_periods as (

    select compared_periods.*
    from compared_periods
    cross join bounds
    where compared_periods.compared_start >= bounds.first_day

),

segments_on_either_side as (

    select
        known_periods.period_grain,
        known_periods.period_start,
        known_periods.compared_start,
        known_periods.comparison,
        totalled.segment_type,
        totalled.segment_value
    from known_periods
    inner join totalled
        on
            known_periods.period_grain = totalled.period_grain
            and totalled.period_start in (known_periods.period_start, known_periods.compared_start)
    group by
        known_periods.period_grain,
        known_periods.period_start,
        known_periods.compared_start,
        known_periods.comparison,
        totalled.segment_type,
        totalled.segment_value

),

totals as (

    select
        period_grain,
        period_start,
        segment_type,
        max(segments_visitors) as segments_visitors
    from totalled
    group by period_grain, period_start, segment_type

),

paired as (

    select
        sides.period_grain,
        sides.period_start,
        sides.compared_start,
        sides.comparison,
        sides.segment_type,
        sides.segment_value,
        coalesce(now_parts.visitors, 0) as visitors,
        coalesce(then_parts.visitors, 0) as previous_visitors,
        coalesce(now_parts.orders, 0) as orders,
        coalesce(then_parts.orders, 0) as previous_orders,
        coalesce(now_parts.sales, 0) as sales,
        coalesce(then_parts.sales, 0) as previous_sales,
        coalesce(now_parts.other_sales, 0) as other_sales,
        coalesce(then_parts.other_sales, 0) as previous_other_sales,
        coalesce(now_totals.segments_visitors, 0) as segments_visitors,
        coalesce(then_totals.segments_visitors, 0) as previous_segments_visitors
    from segments_on_either_side as sides
    left join totalled as now_parts
        on
            sides.period_grain = now_parts.period_grain
            and sides.period_start = now_parts.period_start
            and sides.segment_type = now_parts.segment_type
            and sides.segment_value = now_parts.segment_value
    left join totalled as then_parts
        on
            sides.period_grain = then_parts.period_grain
            and sides.compared_start = then_parts.period_start
            and sides.segment_type = then_parts.segment_type
            and sides.segment_value = then_parts.segment_value
    left join totals as now_totals
        on
            sides.period_grain = now_totals.period_grain
            and sides.period_start = now_totals.period_start
            and sides.segment_type = now_totals.segment_type
    left join totals as then_totals
        on
            sides.period_grain = then_totals.period_grain
            and sides.compared_start = then_totals.period_start
            and sides.segment_type = then_totals.segment_type

),

measured as (

    select
        *,
        {{ divide('orders', 'visitors') }} as orders_per_visitor,
        {{ divide('previous_orders', 'previous_visitors') }} as previous_orders_per_visitor,
        {{ divide('sales', 'orders') }} as average_order_value,
        {{ divide('previous_sales', 'previous_orders') }} as previous_average_order_value,
        sales > 0 and previous_sales > 0 as sold_on_both_sides,
        -- an order after midnight in yesterday's session
        (orders > 0 and visitors = 0) or (previous_orders > 0 and previous_visitors = 0)
            as has_orders_without_visitors,
        case
            when sales > 0 and previous_sales > 0
                then
                    case
                        when sales = previous_sales then sales
                        else (sales - previous_sales) / ln(sales / previous_sales)
                    end
        end as logarithmic_mean,
        case when sales > 0 then previous_visitors else visitors end as visitors_of_empty_side,
        case when sales > 0 then previous_orders else orders end as orders_of_empty_side,
        case when sales > 0 then previous_segments_visitors else segments_visitors end
            as segments_visitors_of_empty_side
    from paired

),

-- the factor that takes the whole change where one side sold nothing: the first that is zero there
limits as (

    select
        *,
        case
            when sold_on_both_sides or sales = previous_sales then 'none'
            when visitors_of_empty_side = 0 and not has_orders_without_visitors then 'visitors'
            when orders_of_empty_side = 0 then 'orders_per_visitor'
            else 'average_order_value'
        end as zero_factor
    from measured

),

contributed as (

    select
        *,
        case
            when zero_factor = 'visitors' then sales - previous_sales
            when not sold_on_both_sides or has_orders_without_visitors then 0
            else logarithmic_mean * ln(visitors / cast(previous_visitors as {{ type_double() }}))
        end as visitors_contribution,
        case
            when zero_factor = 'visitors' and segments_visitors_of_empty_side = 0
                then sales - previous_sales
            when not sold_on_both_sides or has_orders_without_visitors then 0
            else
                logarithmic_mean
                * ln(segments_visitors / cast(previous_segments_visitors as {{ type_double() }}))
        end as all_visitors_contribution,
        case
            when zero_factor = 'orders_per_visitor' then sales - previous_sales
            when not sold_on_both_sides then 0
            when has_orders_without_visitors
                then logarithmic_mean * ln(orders / cast(previous_orders as {{ type_double() }}))
            else logarithmic_mean * ln(orders_per_visitor / previous_orders_per_visitor)
        end as orders_per_visitor_contribution,
        case
            when zero_factor = 'average_order_value' then sales - previous_sales
            when not sold_on_both_sides then 0
            else logarithmic_mean * ln(average_order_value / previous_average_order_value)
        end as average_order_value_contribution,
        other_sales - previous_other_sales as orders_without_session_contribution
    from limits

),

completed as (

    select
        contributed.period_grain,
        contributed.period_start,
        {{ last_day_of('contributed.period_grain', 'contributed.period_start') }} as period_end,
        contributed.compared_start,
        {{ last_day_of('contributed.period_grain', 'contributed.period_start') }} <= as_of.as_of
            as is_complete_period,
        contributed.comparison,
        contributed.segment_type,
        contributed.segment_value,
        contributed.sales + contributed.other_sales as net_sales,
        contributed.previous_sales + contributed.previous_other_sales as previous_net_sales,
        contributed.visitors,
        contributed.previous_visitors,
        contributed.visitors_contribution,
        contributed.orders_per_visitor,
        contributed.previous_orders_per_visitor,
        contributed.orders_per_visitor_contribution,
        contributed.average_order_value,
        contributed.previous_average_order_value,
        contributed.average_order_value_contribution,
        contributed.other_sales,
        contributed.previous_other_sales,
        contributed.orders_without_session_contribution,
        contributed.segments_visitors,
        contributed.previous_segments_visitors,
        contributed.all_visitors_contribution,
        {{ divide('contributed.visitors', 'contributed.segments_visitors') }} as visitor_share,
        {{ divide('contributed.previous_visitors', 'contributed.previous_segments_visitors') }}
            as previous_visitor_share,
        contributed.visitors_contribution - contributed.all_visitors_contribution
            as mix_contribution
    from contributed
    cross join as_of

)

select * from completed
