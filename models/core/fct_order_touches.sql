{#- All rule models in one pass over the touches; only numbers and times go through the windows. -#}

with

order_touches as (

    select * from {{ ref('int_order_touches') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

channel_chain as (

    select * from {{ ref('int_channel_chain') }}

),

touches as (

    -- "An order with no session has no touch and is counted as channel `unknown`."
    select
        order_touches.order_id,
        order_touches.session_id,
        orders.ordered_on,
        order_touches.touch_at,
        order_touches.channel,
        order_touches.utm_campaign,
        -- the clock of the order's own session may be later than the order's
        greatest(0, {{ seconds_between('order_touches.touch_at', 'orders.ordered_at') }})
            as age_seconds,
        coalesce(channel_chain.removal_effect, 0) as removal_effect
    from order_touches
    inner join orders
        on order_touches.order_id = orders.order_id
    left join channel_chain
        on order_touches.channel = channel_chain.channel
    where orders.visitor_id is not null

),

-- "time decay 2^(-days/7) before normalising", from the order's youngest touch on: that is the same
-- after normalising, and where the own session is years old, something is left to divide by
decayed as (

    select
        *,
        power(
            cast(2 as {{ type_double() }}),
            -(age_seconds - min(age_seconds) over (partition by order_id))
            / 86400 / {{ var('time_decay_half_life_days') }}
        ) as decay
    from touches

),

numbered as (

    select
        order_id,
        session_id,
        ordered_on,
        touch_at,
        channel,
        utm_campaign,
        decay,
        removal_effect,
        row_number() over (
            partition by order_id
            order by touch_at, session_id
        ) as position,
        count(*) over (partition by order_id) as touches,
        -- the last touch that is not direct; the last one where all are
        row_number() over (
            partition by order_id
            order by
                case when channel = 'direct' then 1 else 0 end,
                touch_at desc,
                session_id desc
        ) as non_direct_rank,
        {{ exact_sum('decay', places=24, over='partition by order_id') }} as order_decay,
        {{ exact_sum('removal_effect', places=24, over='partition by order_id') }}
            as order_removal_effect
    from decayed

),

weighted as (

    select
        order_id,
        session_id,
        ordered_on,
        touch_at,
        channel,
        utm_campaign,
        cast(position as bigint) as position,
        touches,
        cast(case when position = 1 then 1 else 0 end as {{ type_double() }}) as first_touch,
        cast(case when position = touches then 1 else 0 end as {{ type_double() }}) as last_touch,
        cast(case when non_direct_rank = 1 then 1 else 0 end as {{ type_double() }})
            as last_non_direct,
        {{ divide('1', 'touches') }} as linear,
        -- "Position based 40/20/40, 50/50 of two, 100 of one"
        cast(
            case
                when touches = 1 then 1
                when touches = 2 then 0.5
                when position in (1, touches) then 0.4
                else {{ divide('0.2', 'touches - 2') }}
            end as {{ type_double() }}
        ) as position_based,
        {{ divide('decay', 'order_decay') }} as time_decay,
        -- "A touch's weight is its channel's removal effect over the sum of those of the order's
        -- touches"; equal where no channel of the order has any
        coalesce(
            {{ divide('removal_effect', 'order_removal_effect') }}, {{ divide('1', 'touches') }}
        ) as data_driven
    from numbered

)

select * from weighted
