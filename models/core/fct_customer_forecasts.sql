{#- What each customer is expected to do in the 365 days after as_of, by BG/NBD and Gamma-Gamma
    from the fitted parameters, in SQL, so that another engine needs the parameters only. -#}

with

customers as (

    select * from {{ ref('int_customers_transacted') }}

),

fitted as (

    select * from {{ ref('int_clv_fitted') }}

),

sales_entries as (

    select * from {{ ref('fct_sales_entries') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- no row where the fit cannot be trusted: everything that needs it is null
buying_model as (

    select
        max(case when parameter = 'r' then value end) as r,
        max(case when parameter = 'alpha' then value end) as alpha,
        max(case when parameter = 'a' then value end) as a,
        max(case when parameter = 'b' then value end) as b
    from fitted
    having max(case when parameter = 'is_trustworthy' then value end) = 1

),

spending_model as (

    select
        max(case when parameter = 'p' then value end) as p,
        max(case when parameter = 'q' then value end) as q,
        max(case when parameter = 'gamma' then value end) as gamma
    from fitted
    having max(case when parameter = 'is_spend_trustworthy' then value end) = 1

),

margin_rate as (

    -- "expected net sales x the shop's gross margin rate"
    select
        {{ divide('sum(sales_entries.gross_margin)', 'sum(sales_entries.costed_net_revenue)') }}
            as rate
    from sales_entries
    cross join as_of
    where sales_entries.booked_on <= as_of.as_of

),

-- customers who are alike are scored once; "in weeks (days / 7, not rounded)"
states as (

    select
        repeat_days,
        recency_days,
        age_days,
        cast(repeat_days as {{ type_double() }}) as x,
        recency_days / 7e0 as t_x,
        age_days / 7e0 as age
    from customers
    group by repeat_days, recency_days, age_days

),

states_alive as (

    select
        states.repeat_days,
        states.recency_days,
        states.age_days,
        states.x,
        states.age,
        buying_model.r,
        buying_model.alpha,
        -- the series is 0 / 0 at a = 1, where its limit is finite
        case when abs(buying_model.a - 1) < 1e-6 then 1.000001e0 else buying_model.a end as a,
        buying_model.b,
        case
            when states.x = 0 then 1e0
            else
                1 / (1 + exp(least(
                    700e0,
                    ln(buying_model.a) - ln(buying_model.b + states.x - 1)
                    + (buying_model.r + states.x)
                    * (ln(buying_model.alpha + states.age) - ln(buying_model.alpha + states.t_x))
                )))
        end as probability_alive
    from states
    cross join buying_model

),

-- "discounted monthly at annual_discount_rate": with v the worth of money a month away, orders
-- of month i count v^i, so that the running total up to month i counts v^i - v^(i+1), the last v^12
months as (

    {% for month in range(1, 13) -%}
    select
        {{ month }} as month_number,
        {{ month }} * 365e0 / 12 / 7 as horizon,
        {% if month < 12 -%}
        power(1e0 + {{ var('annual_discount_rate') }}, -{{ month }} / 12e0)
        - power(1e0 + {{ var('annual_discount_rate') }}, -{{ month + 1 }} / 12e0) as discount_weight
        {% else -%}
        power(1e0 + {{ var('annual_discount_rate') }}, -1e0) as discount_weight
        {% endif -%}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

states_ahead as (

    select
        states_alive.*,
        months.month_number,
        months.discount_weight,
        months.horizon,
        months.horizon / (states_alive.alpha + states_alive.age + months.horizon) as z
    from states_alive
    cross join months

),

states_expected as (

    select
        repeat_days,
        recency_days,
        age_days,
        month_number,
        discount_weight,
        probability_alive,
        probability_alive
        * (1 - exp((r + x) * (ln(alpha + age) - ln(alpha + age + horizon)))) as probability_order,
        probability_alive * (a + b + x - 1) / (a - 1)
        * (
            1 - power(1 - z, a - 1)
            -- the linter does not know DuckDB's lambda functions
            * {{ hypergeometric_series('a + b - 1 - r', 'a - 1', 'a + b + x - 1', 'z') }} -- noqa
        ) as expected_orders
    from states_ahead

),

states_forecast as (

    select
        repeat_days,
        recency_days,
        age_days,
        max(probability_alive) as probability_alive,
        max(case when month_number = 12 then probability_order end) as probability_order_365d,
        max(case when month_number = 12 then expected_orders end) as expected_orders_365d,
        {{ exact_sum('expected_orders * discount_weight') }} as discounted_orders_365d
    from states_expected
    group by repeat_days, recency_days, age_days

),

spending as (

    -- a mean of zero or less says nothing of spending: such a customer is taken for the average
    select
        customers.customer_id,
        case
            when customers.mean_repeat_net_sales > 0
                then
                    spending_model.p
                    * (
                        spending_model.gamma
                        + customers.repeat_days * customers.mean_repeat_net_sales
                    )
                    / (spending_model.p * customers.repeat_days + spending_model.q - 1)
            else spending_model.p * spending_model.gamma / (spending_model.q - 1)
        end as expected_order_value
    from customers
    cross join spending_model

),

described as (

    select
        customers.customer_id,
        customers.repeat_days,
        customers.recency_days as last_repeat_days,
        customers.age_days,
        states_forecast.probability_alive,
        states_forecast.probability_order_365d,
        states_forecast.expected_orders_365d,
        spending.expected_order_value,
        states_forecast.expected_orders_365d * spending.expected_order_value
            as expected_net_sales_365d,
        states_forecast.discounted_orders_365d * spending.expected_order_value * margin_rate.rate
            as expected_value_365d
    from customers
    left join states_forecast
        on
            customers.repeat_days = states_forecast.repeat_days
            and customers.recency_days = states_forecast.recency_days
            and customers.age_days = states_forecast.age_days
    left join spending
        on customers.customer_id = spending.customer_id
    cross join margin_rate

)

select * from described
