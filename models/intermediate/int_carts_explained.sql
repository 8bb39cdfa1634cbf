{#- Why each cart was abandoned, by what was seen: docs/decisions.md, Site, 2. The rules are tried
    in their order; the last one always holds, so that each cart has exactly one cause. -#}
{% set moments = {
    'begin_checkout': 1,
    'add_shipping_info': 2,
    'add_payment_info': 3,
    'purchase': 4,
} %}

with

carts as (

    select * from {{ ref('int_carts_valued') }}
    where is_abandoned

),

session_events as (

    select * from {{ ref('stg_session_events') }}
    where
        event_name in (
            {%- for name in moments %}
            '{{ name }}',
            {%- endfor %}
            'checkout_error'
        )

),

checkout_events as (

    select
        carts.session_id,
        carts.cart_value,
        session_events.event_id,
        session_events.event_at,
        session_events.event_name,
        case session_events.event_name
            {%- for name, number in moments.items() %}
            when '{{ name }}' then {{ number }}
            {%- endfor %}
        end as step_number,
        session_events.error_code,
        session_events.shipping_quote_amount,
        session_events.delivery_options_count
    from carts
    inner join session_events
        on carts.session_id = session_events.session_id

),

-- what was seen last of each kind; equal times are told apart by step, then by event_id
numbered as (

    select
        *,
        row_number() over (
            partition by session_id, step_number is null
            order by event_at desc, step_number desc, event_id desc
        ) as number_of_kind,
        row_number() over (
            partition by session_id, shipping_quote_amount is null
            order by event_at desc, step_number desc, event_id desc
        ) as number_of_quote,
        row_number() over (
            partition by session_id, delivery_options_count is null
            order by event_at desc, step_number desc, event_id desc
        ) as number_of_options
    from checkout_events

),

summarised as (

    select
        session_id,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        max(case when step_number is not null then event_at end) as last_step_at,
        max(
            case when step_number is not null and number_of_kind = 1 then step_number end
        ) as last_step,
        coalesce(bool_or(event_name = 'add_payment_info'), false) as has_payment_info,
        max(case when step_number is null then event_at end) as last_error_at,
        max(
            case when step_number is null and number_of_kind = 1 then error_code end
        ) as last_error_code,
        max(
            case
                when shipping_quote_amount is not null and number_of_quote = 1
                    then shipping_quote_amount
            end
        ) as fee_shown,
        max(
            case
                when delivery_options_count is not null and number_of_options = 1
                    then delivery_options_count
            end
        ) as options_shown
    from numbered
    group by session_id

),

judged as (

    select
        carts.session_id,
        carts.cart_value,
        summarised.fee_shown,
        summarised.options_shown,
        summarised.last_error_code,
        summarised.last_step,
        {{ seconds_between('summarised.first_event_at', 'summarised.last_event_at') }}
        / 60 as checkout_minutes,
        -- "An error counts while no checkout step follows it"
        summarised.last_error_at is not null
        and coalesce(
            summarised.last_error_at >= summarised.last_step_at, true
        ) as is_stopped_by_error,
        coalesce(summarised.has_payment_info, false) as has_payment_info
    from carts
    left join summarised
        on carts.session_id = summarised.session_id

),

explained as (

    select
        session_id,
        case
            when
                is_stopped_by_error
                and (
                    coalesce(
                        {{ matched('last_error_code', "'" ~ var('payment_error_pattern') ~ "'") }},
                        false
                    )
                    or (last_error_code is null and has_payment_info)
                )
                then 'payment_failure'
            when is_stopped_by_error
                then 'form_error'
            when
                not has_payment_info
                and fee_shown > 0
                and fee_shown >= {{ var('revealed_fee_share') }} * cart_value
                then 'delivery_fee_revealed'
            when
                not has_payment_info
                and options_shown <= {{ var('few_delivery_options') }}
                then 'few_delivery_options'
            when checkout_minutes >= {{ var('long_checkout_minutes') }}
                then 'long_checkout'
            when last_step = {{ moments.add_shipping_info }}
                then 'left_at_shipping'
            when last_step >= {{ moments.add_payment_info }}
                then 'left_at_payment'
            when last_step = {{ moments.begin_checkout }}
                then 'left_at_checkout'
            else 'left_at_cart'
        end as cause,
        cast(fee_shown as {{ type_money() }}) as delivery_fee_shown,
        options_shown as delivery_options_shown,
        checkout_minutes
    from judged

)

select * from explained
