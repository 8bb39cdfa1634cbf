{#- CUPED (Deng et al. 2013): each visitor's outcome less theta times what the same metric was for
    him before his assignment, theta = cov(y, x) / var(x) over all variants together. The means
    stay comparable, their variance falls by the squared correlation. Null where nobody had
    bought before: there is nothing to adjust by. -#}
{% set metrics = {
    'conversion_rate': 'case when {}orders > 0 then 1 else 0 end',
    'revenue_per_visitor': '{}net_sales',
} %}

with

visitors as (

    select * from {{ ref('int_experiment_visitors') }}
    where not is_excluded

),

orders as (

    select * from {{ ref('int_experiment_orders') }}

),

orders_summed as (

    select
        experiment_id,
        visitor_id,
        count(*) filter (where moment = 'during') as orders,
        count(*) filter (where moment = 'before') as previous_orders,
        sum(net_sales) filter (where moment = 'during') as net_sales,
        sum(net_sales) filter (where moment = 'before') as previous_net_sales
    from orders
    group by experiment_id, visitor_id

),

outcomes as (

    {% for metric, expression in metrics.items() -%}
    select
        visitors.experiment_id,
        visitors.variant,
        visitors.last_on,
        '{{ metric }}' as metric,
        cast(
            coalesce({{ expression.format('orders_summed.') }}, 0) as {{ type_double() }}
        ) as outcome,
        cast(
            coalesce({{ expression.format('orders_summed.previous_') }}, 0) as {{ type_double() }}
        ) as covariate
    from visitors
    left join orders_summed
        on
            visitors.experiment_id = orders_summed.experiment_id
            and visitors.visitor_id = orders_summed.visitor_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

summed as (

    select
        experiment_id,
        variant,
        metric,
        max(last_on) as look_on,
        cast(count(*) as {{ type_double() }}) as observations,
        {{ exact_sum('outcome') }} as y,
        {{ exact_sum('covariate') }} as x,
        {{ exact_sum('outcome * outcome', wide=true) }} as yy,
        {{ exact_sum('covariate * covariate', wide=true) }} as xx,
        {{ exact_sum('outcome * covariate', wide=true) }} as xy
    from outcomes
    group by experiment_id, variant, metric

),

pooled as (

    select
        experiment_id,
        metric,
        {{ divide('sum(x)', 'sum(observations)') }} as mean_x,
        -- n^2 x covariance over n^2 x variance
        {{ divide(
            'sum(observations) * sum(xy) - sum(x) * sum(y)',
            'sum(observations) * sum(xx) - sum(x) * sum(x)',
        ) }} as theta
    from summed
    group by experiment_id, metric

),

centred as (

    select
        summed.experiment_id,
        summed.metric,
        summed.variant,
        summed.look_on,
        summed.observations,
        summed.y / summed.observations as mean_y,
        summed.x / summed.observations - pooled.mean_x as shift_x,
        summed.yy - summed.y * summed.y / summed.observations as yy,
        summed.xx - summed.x * summed.x / summed.observations as xx,
        summed.xy - summed.x * summed.y / summed.observations as xy,
        pooled.theta
    from summed
    inner join pooled
        on
            summed.experiment_id = pooled.experiment_id
            and summed.metric = pooled.metric
    where pooled.theta is not null

),

varied as (

    select
        *,
        case
            when observations < 2 then null
            else greatest(yy + theta * theta * xx - 2 * theta * xy, 0) / (observations - 1)
        end as variance
    from centred

),

adjusted as (

    select
        experiment_id,
        metric,
        variant,
        look_on,
        observations,
        mean_y - theta * shift_x as mean,
        sqrt({{ divide('variance', 'observations') }}) as standard_error,
        theta
    from varied

)

select * from adjusted
