-- Does free delivery pay for itself? What a free order's basket brings more at equal mix, in margin
-- at the shop's rate, against the fee that the shop goes without. An upper bound of what free
-- delivery does: where it is given from a minimum basket on, large baskets are free, not free
-- baskets large.
with

basket_impact as (

    select * from {{ ref('basket_impact') }}
    where
        lever = 'shipping_fee'
        and period_grain = 'year'

),

fees as (

    select
        {{ first_day_of('year', 'ordered_on') }} as period_start,
        avg(cast(shipping_amount - coalesce(shipping_discount_amount, 0) as {{ type_double() }}))
            as fee
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and shipping_fee = 'paid'
    group by {{ first_day_of('year', 'ordered_on') }}

),

margin_rates as (

    select
        period_start,
        value as margin_rate
    from {{ ref('kpi_gross_margin_rate') }}
    where
        period_grain = 'year'
        and segment_type = 'all'

),

-- differences are of a paid band to free: their negative is what free brings more
compared as (

    select
        basket_impact.period_start,
        basket_impact.level as compared_with,
        basket_impact.orders as paid_orders,
        -basket_impact.plain_difference as basket_more_plain,
        -basket_impact.mix_adjusted_difference as basket_more,
        -basket_impact.ci_high as basket_more_low,
        -basket_impact.ci_low as basket_more_high,
        -basket_impact.mix_adjusted_difference * margin_rates.margin_rate as margin_more,
        -basket_impact.ci_high * margin_rates.margin_rate as margin_more_low,
        fees.fee as fee_forgone
    from basket_impact
    inner join margin_rates
        on basket_impact.period_start = margin_rates.period_start
    inner join fees
        on basket_impact.period_start = fees.period_start
    where basket_impact.level like 'paid%'

)

select
    *,
    margin_more_low > fee_forgone as could_pay_for_itself
from compared
order by period_start, compared_with
