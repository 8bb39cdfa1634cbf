{#- What campaigns that were run with a control caused, by the design stated in
    seeds/campaign_controls.csv.

    holdout  visitors held out at random (variant `control`) against the others, from their
             assignment to the end: net sales of orders in their sessions, a visitor; Welch's
             interval; times the visitors treated
    regions  countries with the campaign against those without: change of net sales a day from
             before, difference in differences, times treated countries and days. The interval is
             that of two samples of changes, with the spread of the countries without the campaign.
             Placebo: the same estimate with the time before cut in two, where nothing happened,
             must not be significant; else the countries did not move alike, and nothing is
             claimed. -#}
{% set half_of_before =
    'floor(' ~ days_until('controls.before_started_on', 'controls.started_on') ~ ' / 2.0)' %}

with

controls as (

    select * from {{ ref('campaign_controls') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

assignments as (

    select * from {{ ref('stg_experiment_assignments') }}

),

-- holdout: "A visitor seen in two variants is left out"
visitors as (

    select
        controls.campaign_id,
        assignments.visitor_id,
        min(case when assignments.variant = 'control' then 'held_out' else 'treated' end) as arm,
        min(assignments.assigned_at) as assigned_at,
        max(controls.ended_on) as ended_on
    from controls
    inner join assignments
        on controls.experiment_id = assignments.experiment_id
    where
        controls.method = 'holdout'
        and assignments.assigned_on between controls.started_on and controls.ended_on
    group by controls.campaign_id, assignments.visitor_id
    having count(distinct assignments.variant) = 1

),

visitors_valued as (

    select
        visitors.campaign_id,
        visitors.visitor_id,
        visitors.arm,
        cast(coalesce(sum(orders.net_sales), 0) as {{ type_double() }}) as net_sales
    from visitors
    left join orders
        on
            visitors.visitor_id = orders.visitor_id
            and visitors.assigned_at <= orders.ordered_at
            and visitors.ended_on >= orders.ordered_on
    group by visitors.campaign_id, visitors.visitor_id, visitors.arm

),

arms as (

    select
        campaign_id,
        arm,
        count(*) as visitors,
        {{ exact_sum('net_sales') }} / count(*) as mean,
        {{ exact_sum('net_sales * net_sales', wide=true) }} as squares
    from visitors_valued
    group by campaign_id, arm

),

arms_spread as (

    select
        campaign_id,
        arm,
        visitors,
        mean,
        -- variance of the mean
        {{ divide('greatest(0, squares - visitors * mean * mean)', '(visitors - 1) * visitors') }}
            as variance
    from arms

),

holdouts as (

    select
        treated.campaign_id,
        'holdout' as incremental_method,
        treated.visitors as treated_units,
        held_out.visitors as control_units,
        treated.visitors as multiplier,
        treated.mean - held_out.mean as difference,
        sqrt(treated.variance + held_out.variance) as standard_error,
        {{ divide(
            'power(treated.variance + held_out.variance, 2)',
            divide('power(treated.variance, 2)', 'treated.visitors - 1') ~ ' + '
            ~ divide('power(held_out.variance, 2)', 'held_out.visitors - 1'),
        ) }} as degrees,
        cast(null as {{ type_double() }}) as placebo_difference,
        cast(null as {{ type_double() }}) as placebo_error
    from arms_spread as treated
    inner join arms_spread as held_out
        on
            treated.campaign_id = held_out.campaign_id
            and treated.arm = 'treated'
            and held_out.arm = 'held_out'

),

-- regions: whether the campaign ran in a country before, and during, the test
countries as (

    select
        controls.campaign_id,
        controls.before_started_on,
        controls.started_on,
        controls.ended_on,
        orders.country_code,
        {{ days_until('controls.before_started_on', 'controls.started_on') }} as days_before,
        {{ days_until('controls.started_on', 'controls.ended_on') }} + 1 as days_during,
        sum(case when orders.ordered_on < controls.started_on then orders.net_sales else 0 end)
            as before,
        sum(
            case
                when
                    orders.ordered_on < controls.started_on
                    and {{ days_until('controls.before_started_on', 'orders.ordered_on') }}
                    < {{ half_of_before }}
                    then orders.net_sales
                else 0
            end
        ) as first_half_before,
        sum(case when orders.ordered_on >= controls.started_on then orders.net_sales else 0 end)
            as during
    from controls
    inner join orders
        on orders.ordered_on between controls.before_started_on and controls.ended_on
    where
        controls.method = 'regions'
        and orders.country_code is not null
    group by
        controls.campaign_id,
        controls.before_started_on,
        controls.started_on,
        controls.ended_on,
        orders.country_code

),

countries_spent as (

    select
        controls.campaign_id,
        ad_spend.country_code,
        coalesce(bool_or(ad_spend.spend_date < controls.started_on), false) as ran_before,
        coalesce(bool_or(ad_spend.spend_date >= controls.started_on), false) as ran_during
    from controls
    inner join ad_spend
        on
            controls.campaign_id = ad_spend.campaign_id
            and ad_spend.spend_date between controls.before_started_on and controls.ended_on
    where ad_spend.cost > 0
    group by controls.campaign_id, ad_spend.country_code

),

changes as (

    -- a country where the campaign already ran before is neither treated nor a control
    select
        countries.campaign_id,
        countries.country_code,
        countries.days_during,
        countries_spent.country_code is not null as is_treated,
        {{ divide('countries.during', 'countries.days_during') }}
        - {{ divide('countries.before', 'countries.days_before') }} as change,
        {{ divide(
            'countries.before - countries.first_half_before',
            'countries.days_before - floor(countries.days_before / 2.0)',
        ) }}
        - {{ divide('countries.first_half_before', 'floor(countries.days_before / 2.0)') }}
            as placebo_change
    from countries
    left join countries_spent
        on
            countries.campaign_id = countries_spent.campaign_id
            and countries.country_code = countries_spent.country_code
    where not coalesce(countries_spent.ran_before, false)

),

changes_summed as (

    select
        campaign_id,
        is_treated,
        max(days_during) as days_during,
        count(*) as countries,
        {{ exact_sum('change') }} / count(*) as mean,
        {{ exact_sum('placebo_change') }} / count(*) as placebo_mean,
        {{ exact_sum('change * change', wide=true) }} as squares,
        {{ exact_sum('placebo_change * placebo_change', wide=true) }} as placebo_squares
    from changes
    group by campaign_id, is_treated

),

regions as (

    select
        treated.campaign_id,
        'difference_in_differences' as incremental_method,
        treated.countries as treated_units,
        untreated.countries as control_units,
        treated.countries * treated.days_during as multiplier,
        treated.mean - untreated.mean as difference,
        sqrt(
            {{ divide(
                'greatest(0, untreated.squares'
                ~ ' - untreated.countries * untreated.mean * untreated.mean)',
                'untreated.countries - 1',
            ) }}
            * ({{ divide('1', 'treated.countries') }} + {{ divide('1', 'untreated.countries') }})
        ) as standard_error,
        cast(untreated.countries - 1 as {{ type_double() }}) as degrees,
        treated.placebo_mean - untreated.placebo_mean as placebo_difference,
        sqrt(
            {{ divide(
                'greatest(0, untreated.placebo_squares'
                ~ ' - untreated.countries * untreated.placebo_mean * untreated.placebo_mean)',
                'untreated.countries - 1',
            ) }}
            * ({{ divide('1', 'treated.countries') }} + {{ divide('1', 'untreated.countries') }})
        ) as placebo_error
    from changes_summed as treated
    inner join changes_summed as untreated
        on
            treated.campaign_id = untreated.campaign_id
            and treated.is_treated
            and not untreated.is_treated

),

designs as (

    select * from holdouts
    union all
    select * from regions

),

quantiled as (

    -- under three degrees of freedom the spread is next to unknown: no interval, and no claim
    select
        *,
        -- the linter does not know DuckDB's lambda functions
        {{ student_quantile('case when degrees >= 3 then degrees end') }} as quantile -- noqa
    from designs

),

judged as (

    select
        campaign_id,
        incremental_method,
        treated_units,
        control_units,
        difference,
        placebo_difference,
        quantile * placebo_error as placebo_margin,
        abs(placebo_difference) > quantile * placebo_error as is_placebo_failed,
        difference * multiplier as incremental_net_sales,
        quantile * standard_error * multiplier as margin_of_error
    from quantiled

),

claimed as (

    -- without an interval (too few controls) or after a placebo that failed, nothing is claimed
    select
        campaign_id,
        incremental_method,
        treated_units,
        control_units,
        difference,
        placebo_difference,
        placebo_margin,
        coalesce(is_placebo_failed, false) as is_placebo_failed,
        margin_of_error is not null and not coalesce(is_placebo_failed, false) as is_claimed,
        incremental_net_sales,
        incremental_net_sales - margin_of_error as incremental_ci_low,
        incremental_net_sales + margin_of_error as incremental_ci_high
    from judged

)

select * from claimed
