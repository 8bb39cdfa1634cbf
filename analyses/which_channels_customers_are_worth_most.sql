-- Which channel's customers are worth most after a year? Past value first: margin of the first 365
-- days, of customers old enough; beside it what a year brought in repeat purchase, and what the
-- year to come should bring. Channels with fewer than 30 such customers are left out as chance.
with

kpi_values as (

    select
        kpi,
        segment_value as acquisition_channel,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ ref('kpi_values') }}
    where
        period_grain = 'year'
        and segment_type = 'acquisition_channel'
        and kpi in ('clv_365d', 'repeat_purchase_rate_365d', 'clv_predicted_365d')
    group by kpi, segment_value

),

-- sums over the years are allowed here: a customer is new once
channels as (

    select
        acquisition_channel,
        max(case when kpi = 'clv_365d' then denominator end) as customers,
        max(case when kpi = 'clv_365d' then {{ divide('numerator', 'denominator') }} end)
            as value_after_a_year,
        max(
            case
                when kpi = 'repeat_purchase_rate_365d'
                    then {{ divide('numerator', 'denominator') }}
            end
        ) as repeat_rate_in_a_year,
        max(case when kpi = 'clv_predicted_365d' then {{ divide('numerator', 'denominator') }} end)
            as expected_of_the_next_year
    from kpi_values
    group by acquisition_channel

)

select *
from channels
where customers >= 30
order by value_after_a_year desc
