{#- How long customers take to buy again: of the waits that are over, and (Kaplan-Meier) of all,
    those that are not over yet counted as at least that long. -#}
{% set returned_at = [30, 90, 180, 365] %}

with

customer_orders as (

    select * from {{ ref('fct_customer_orders') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

orders_by_category as (

    select
        customer_orders.order_id,
        customer_orders.customer_id,
        customer_orders.ordered_at,
        customer_orders.ordered_on,
        coalesce(order_items.category, 'unknown') as category
    from customer_orders
    inner join order_items
        on customer_orders.order_id = order_items.order_id
    group by
        customer_orders.order_id,
        customer_orders.customer_id,
        customer_orders.ordered_at,
        customer_orders.ordered_on,
        coalesce(order_items.category, 'unknown')

),

-- by category: until the customer buys of the same category again
orders_followed_by_category as (

    select
        category,
        ordered_at,
        ordered_on,
        lead(ordered_at) over one_category as next_ordered_at,
        lead(ordered_on) over one_category as next_ordered_on
    from orders_by_category
    window one_category as (
        partition by customer_id, category
        order by ordered_at, order_id
    )

),

-- a wait belongs to the order from which it starts: only that one is known of an open wait
waits as (

    select
        'all' as segment_type,
        'all' as segment_value,
        ordered_at,
        ordered_on,
        next_ordered_at,
        next_ordered_on
    from customer_orders

    union all

    select
        'channel' as segment_type,
        channel as segment_value,
        ordered_at,
        ordered_on,
        next_ordered_at,
        next_ordered_on
    from customer_orders

    union all

    select
        'order_number' as segment_type,
        case when order_number < 6 then cast(order_number as {{ type_text() }}) else '6+' end
            as segment_value,
        ordered_at,
        ordered_on,
        next_ordered_at,
        next_ordered_on
    from customer_orders

    union all

    select
        'category' as segment_type,
        category as segment_value,
        ordered_at,
        ordered_on,
        next_ordered_at,
        next_ordered_on
    from orders_followed_by_category

),

measured as (

    select
        waits.segment_type,
        waits.segment_value,
        -- an order after as_of has not happened yet
        case
            when waits.next_ordered_on <= as_of.as_of
                then {{ seconds_between('waits.ordered_at', 'waits.next_ordered_at') }} / 86400
        end as gap_days,
        case
            when waits.next_ordered_on <= as_of.as_of
                then {{ days_until('waits.ordered_on', 'waits.next_ordered_on') }}
            else {{ days_until('waits.ordered_on', 'as_of.as_of') }}
        end as waited_days
    from waits
    cross join as_of
    where waits.ordered_on <= as_of.as_of

),

observed as (

    select
        segment_type,
        segment_value,
        count(gap_days) as gaps,
        count(*) - count(gap_days) as open_waits,
        {{ percentile('gap_days', 0.25) }} as p25_days,
        {{ percentile('gap_days', 0.50) }} as p50_days,
        {{ percentile('gap_days', 0.75) }} as p75_days,
        {{ percentile('gap_days', 0.90) }} as p90_days
    from measured
    group by segment_type, segment_value

),

-- Kaplan-Meier: of those who still wait when a day begins, the share that does not end on it
days_waited as (

    select
        segment_type,
        segment_value,
        waited_days,
        count(gap_days) as ended,
        sum(count(*)) over (
            partition by segment_type, segment_value
            order by waited_days desc
        ) as still_waiting
    from measured
    group by segment_type, segment_value, waited_days

),

survived as (

    select
        segment_type,
        segment_value,
        waited_days,
        -- in decimals, so that the product does not depend on the order of the rows
        exp(cast(sum(cast(
            case
                when ended < still_waiting then ln(1 - {{ divide('ended', 'still_waiting') }})
                else -1000
            end as decimal(38, 15)
        )) over (
            partition by segment_type, segment_value
            order by waited_days
        ) as {{ type_double() }})) as still_away
    from days_waited

),

survived_at_last as (

    select
        *,
        min(still_away) over (partition by segment_type, segment_value) as never_seen_again
    from survived

),

estimated as (

    -- 1e-12: a half that rounding made a little more is a half
    select
        segment_type,
        segment_value,
        min(case when still_away <= 0.5 + 1e-12 then waited_days end) as km_median_days,
        {% for days in returned_at -%}
        case
            when max(waited_days) >= {{ days }} or min(never_seen_again) = 0
                then 1 - min(case when waited_days <= {{ days }} then still_away else 1 end)
        end as km_returned_{{ days }}d,
        {% endfor -%}
        1 - min(never_seen_again) as km_returned_ever,
        min(
            case
                when 1 - still_away >= 0.5 * (1 - never_seen_again) - 1e-12 and never_seen_again < 1
                    then waited_days
            end
        ) as due_days,
        min(
            case
                when 1 - still_away >= 0.8 * (1 - never_seen_again) - 1e-12 and never_seen_again < 1
                    then waited_days
            end
        ) as overdue_days
    from survived_at_last
    group by segment_type, segment_value

),

described as (

    select
        observed.segment_type,
        observed.segment_value,
        observed.gaps,
        observed.open_waits,
        observed.p25_days,
        observed.p50_days as median_days,
        observed.p75_days,
        observed.p90_days,
        estimated.km_median_days,
        {% for days in returned_at -%}
        round(estimated.km_returned_{{ days }}d, 12) as km_returned_{{ days }}d,
        {% endfor -%}
        round(estimated.km_returned_ever, 12) as km_returned_ever,
        estimated.due_days,
        estimated.overdue_days
    from observed
    inner join estimated
        on
            observed.segment_type = estimated.segment_type
            and observed.segment_value = estimated.segment_value

)

select * from described
