{#- Customers on the day of their first valid order: what became of each cohort since. A measure
    with a window counts only the customers who are old enough for it. -#}
with

lifetimes as (

    select * from {{ ref('fct_customer_lifetimes') }}

),

forecasts as (

    select * from {{ ref('fct_customer_forecasts') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

limits as (

    select cast({{ plus_days('as_of', '-' ~ var('lapsed_after_days')) }} as date) as lapsed_before
    from as_of

),

booked as (

    select
        lifetimes.*,
        lifetimes.first_order_on as booked_on,
        -- "customers whose first order is at least 180 days before as_of"
        lifetimes.first_order_on <= limits.lapsed_before as is_mature_for_lapse,
        -- "the last valid order's day < as_of - 180 days; an order exactly 180 days old keeps
        -- the customer active"
        lifetimes.last_order_on < limits.lapsed_before as is_lapsed,
        forecasts.expected_value_365d
    from lifetimes
    left join forecasts
        on lifetimes.customer_id = forecasts.customer_id
    cross join limits

),

{{ rollup(
    'booked',
    segments=segment_set('customer'),
    measures={
        'new_customers': 'count(*)',
        'customers_mature_30d': 'count(*) filter (where is_mature_30d)',
        'customers_repeat_30d': 'count(*) filter (where is_mature_30d and is_repeat_30d)',
        'customers_mature_90d': 'count(*) filter (where is_mature_90d)',
        'customers_repeat_90d': 'count(*) filter (where is_mature_90d and is_repeat_90d)',
        'customers_mature_365d': 'count(*) filter (where is_mature_365d)',
        'customers_repeat_365d': 'count(*) filter (where is_mature_365d and is_repeat_365d)',
        'gross_margin_90d': 'sum(gross_margin_90d) filter (where is_mature_90d)',
        'gross_margin_365d': 'sum(gross_margin_365d) filter (where is_mature_365d)',
        'customers_mature_for_lapse': 'count(*) filter (where is_mature_for_lapse)',
        'customers_lapsed': 'count(*) filter (where is_mature_for_lapse and is_lapsed)',
    },
    exact_sums={'expected_value_365d': 'expected_value_365d'},
) }}

select * from rolled_up
