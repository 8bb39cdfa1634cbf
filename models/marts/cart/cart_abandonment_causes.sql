with

carts as (

    select * from {{ ref('rollup_cart_causes') }}

),

abandoned as (

    select * from {{ ref('rollup_carts') }}

),

every_cause as (

    {% for cause in abandonment_causes() -%}
    select
        period_grain,
        period_start,
        period_end,
        is_complete_period,
        segment_type,
        segment_value,
        '{{ cause }}' as cause,
        carts_{{ cause }} as carts,
        value_{{ cause }} as value,
        recovered_{{ cause }} as recovered_carts,
        recovered_value_{{ cause }} as recovered_value,
        mature_{{ cause }} as mature_carts,
        mature_recovered_{{ cause }} as mature_recovered_carts
    from carts
    where carts_{{ cause }} > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

shared as (

    select
        every_cause.period_grain,
        every_cause.period_start,
        every_cause.period_end,
        every_cause.is_complete_period,
        every_cause.segment_type,
        every_cause.segment_value,
        every_cause.cause,
        every_cause.carts,
        {{ divide('every_cause.carts', 'abandoned.carts_abandoned') }} as share,
        every_cause.value,
        every_cause.recovered_carts,
        every_cause.recovered_value,
        every_cause.mature_carts,
        every_cause.mature_recovered_carts
    from every_cause
    inner join abandoned
        on
            every_cause.period_grain = abandoned.period_grain
            and every_cause.period_start = abandoned.period_start
            and every_cause.segment_type = abandoned.segment_type
            and every_cause.segment_value = abandoned.segment_value

)

select * from shared
