{#- What was known of each variant at the end of each day: how many observations of each metric,
    their sum and the sum of their squares. The last day is the result; the days before it are
    the looks of the always-valid p-value. Days on which nothing changed repeat the day before
    and are left out. -#}
{% set metrics = ['conversion_rate', 'revenue_per_visitor', 'average_order_value'] %}
{% set segments = {
    'all': "'all'",
    'device_type': 'visitors.device_type',
    'visitor_type': 'visitors.visitor_type',
} %}

with

visitors as (

    select * from {{ ref('int_experiment_visitors') }}
    where not is_excluded

),

orders as (

    select * from {{ ref('int_experiment_orders') }}
    where moment = 'during'

),

orders_by_day as (

    select
        experiment_id,
        visitor_id,
        ordered_on,
        sum(net_sales) as net_sales
    from orders
    group by experiment_id, visitor_id, ordered_on

),

-- a visitor's revenue so far, squared, less what it was squared before: the change of the sum
-- of squares
orders_cumulated as (

    select
        experiment_id,
        visitor_id,
        ordered_on,
        net_sales,
        row_number() over (
            partition by experiment_id, visitor_id
            order by ordered_on
        ) as buying_day,
        cast(
            sum(net_sales) over (
                partition by experiment_id, visitor_id
                order by ordered_on
            ) as {{ type_double() }}
        ) as net_sales_after
    from orders_by_day

),

changes as (

    -- assigned after the last day: in the count all the same
    {% for metric in metrics[:2] -%}
    select
        experiment_id,
        visitor_id,
        '{{ metric }}' as metric,
        least(assigned_on, last_on) as look_on,
        1 as observations,
        cast(0 as {{ type_double() }}) as value,
        cast(0 as {{ type_double() }}) as squared
    from visitors

    union all

    {% endfor -%}
    select
        experiment_id,
        visitor_id,
        'conversion_rate' as metric,
        ordered_on as look_on,
        0 as observations,
        1 as value,
        1 as squared
    from orders_cumulated
    where buying_day = 1

    union all

    select
        experiment_id,
        visitor_id,
        'revenue_per_visitor' as metric,
        ordered_on as look_on,
        0 as observations,
        cast(net_sales as {{ type_double() }}) as value,
        power(net_sales_after, 2)
        - power(net_sales_after - cast(net_sales as {{ type_double() }}), 2) as squared
    from orders_cumulated

    union all

    select
        experiment_id,
        visitor_id,
        'average_order_value' as metric,
        ordered_on as look_on,
        1 as observations,
        cast(net_sales as {{ type_double() }}) as value,
        power(cast(net_sales as {{ type_double() }}), 2) as squared
    from orders

),

segmented as (

    {% for type, column in segments.items() -%}
    select
        visitors.experiment_id,
        '{{ type }}' as segment_type,
        {{ column }} as segment_value,
        visitors.variant,
        changes.metric,
        changes.look_on,
        changes.observations,
        changes.value,
        changes.squared
    from changes
    inner join visitors
        on
            changes.experiment_id = visitors.experiment_id
            and changes.visitor_id = visitors.visitor_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- sums of decimals do not depend on the order of the rows
changes_by_day as (

    select
        experiment_id,
        segment_type,
        segment_value,
        variant,
        metric,
        look_on,
        sum(observations) as observations,
        sum(cast(value as decimal(38, 12))) as total,
        {{ exact_sum('squared', wide=true) }} as total_squared
    from segmented
    group by experiment_id, segment_type, segment_value, variant, metric, look_on

),

days as (

    select
        experiment_id,
        segment_type,
        segment_value,
        look_on
    from changes_by_day
    group by experiment_id, segment_type, segment_value, look_on

),

metrics as (

    {% for metric in metrics -%}
    select '{{ metric }}' as metric
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

variants as (

    select
        experiment_id,
        variant
    from visitors
    group by experiment_id, variant

),

every_look as (

    select
        days.experiment_id,
        days.segment_type,
        days.segment_value,
        metrics.metric,
        days.look_on,
        variants.variant,
        coalesce(changes_by_day.observations, 0) as observations,
        coalesce(changes_by_day.total, 0) as total,
        coalesce(changes_by_day.total_squared, 0) as total_squared
    from days
    inner join variants
        on days.experiment_id = variants.experiment_id
    cross join metrics
    left join changes_by_day
        on
            days.experiment_id = changes_by_day.experiment_id
            and days.segment_type = changes_by_day.segment_type
            and days.segment_value = changes_by_day.segment_value
            and metrics.metric = changes_by_day.metric
            and days.look_on = changes_by_day.look_on
            and variants.variant = changes_by_day.variant

),

cumulated as (

    select
        experiment_id,
        segment_type,
        segment_value,
        metric,
        variant,
        look_on,
        row_number() over (
            partition by experiment_id, segment_type, segment_value, metric, variant
            order by look_on desc
        ) = 1 as is_last,
        cast(sum(observations) over (so_far) as {{ type_double() }}) as observations,
        cast(sum(total) over (so_far) as {{ type_double() }}) as total,
        {{ exact_sum('total_squared', over='so_far', wide=true) }} as total_squared
    from every_look
    window so_far as (
        partition by experiment_id, segment_type, segment_value, metric, variant
        order by look_on
    )

),

varied as (

    select
        *,
        -- "standard_error: of the variant's own mean (n - 1)"
        case
            when observations < 2 then null
            else greatest(total_squared - total * total / observations, 0) / (observations - 1)
        end as variance
    from cumulated

),

averaged as (

    select
        experiment_id,
        segment_type,
        segment_value,
        metric,
        variant,
        look_on,
        is_last,
        observations,
        {{ divide('total', 'observations') }} as mean,
        sqrt({{ divide('variance', 'observations') }}) as standard_error
    from varied

)

select * from averaged
