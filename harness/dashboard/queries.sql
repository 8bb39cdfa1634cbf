-- Every number of the page, one query a data set: `-- name`, then its SQL over the published marts.
-- Text columns are looked up in words.yml, numbers are formatted; nothing is computed after this.
-- A period is written `<grain> <first day>`. `is_small` marks fewer than 30 cases.
-- Each query is bounded (periods, top segments, top rows), so that a large shop's page stays small.

-- periods
-- The newest periods of each grain; `age` 1 is the one that holds as_of. Not all can be chosen:
-- the older ones are there for the lines of the trends.
create temp table periods as
select
    period_grain as grain,
    period_start as starts_on,
    concat(period_grain, ' ', period_start) as period,
    any_value(period_end) as ends_on,
    any_value(is_complete_period) as is_complete,
    row_number() over (partition by period_grain order by period_start desc) as age,
    row_number() over (partition by period_grain order by period_start desc)
    <= case period_grain when 'week' then 6 when 'month' then 13 when 'quarter' then 5 else 2 end
        as is_choice
from kpi_scorecard
where segment_type = 'all' and period_grain <> 'day'
group by period_grain, period_start
qualify age <= case period_grain when 'week' then 13 when 'month' then 13 when 'quarter' then 9 else 3 end;

-- segments
-- The largest of each type, by what they have most of. `is_filter`: the page can be held to it.
create temp table segments as
with sizes as (
    select segment_type, segment_value, kpi, sum(value) as size
    from kpi_values
    where
        period_grain = 'year'
        and segment_type in (
            'channel', 'device_type', 'country_code', 'customer_type', 'category', 'carrier',
            'delivery_mode', 'warehouse', 'topic', 'form_id'
        )
        and kpi in ('sessions', 'orders', 'net_sales', 'ad_spend', 'stock_value', 'leads', 'on_time_delivery_rate', 'first_response_hours')
    group by segment_type, segment_value, kpi
),
shares as (
    select *, size / nullif(sum(size) over (partition by segment_type, kpi), 0) as share from sizes
)
select
    segment_type,
    segment_value,
    max(share) as share,
    segment_type in ('channel', 'device_type', 'country_code') as is_filter,
    row_number() over (partition by segment_type order by max(share) desc nulls last, segment_value) as place
from shares
group by segment_type, segment_value
qualify place <= case when segment_type in ('channel', 'category') then 11 when segment_type = 'country_code' then 7 else 5 end
union all
select 'all', 'all', 1, true, 1;

-- facts
select
    (select cast(max(period_start) as varchar) from kpi_scorecard where period_grain = 'day') as as_of,
    (select count(*) from kpi_scorecard where status in ('on_track', 'at_risk', 'off_track')) as held;

-- choices
select grain, period, starts_on, ends_on, is_complete, is_choice
from periods
order by grain, periods.starts_on;

-- filters
select segment_type, segment_value from segments
where is_filter and segment_type <> 'all'
order by segment_type, place;

-- kpis
-- `all` from the scorecard, which knows gaps and targets; segments from kpi_values. `change` and
-- `year_change` are a difference for ratios and points, else a rate (null from 0 or below).
with shown as (
    select
        kpi, unit,
        unit in ('ratio', 'points') as is_difference
    from kpi_catalogue
    where kpi in (select unnest($kpis))
),
whole as (
    select
        kpi, period_grain, period_start, segment_type, segment_value, value, previous_value,
        year_ago_value,
        if(is_difference, change, change_rate) as change,
        if(is_difference, year_on_year_change, year_on_year_change_rate) as year_change
    from kpi_scorecard inner join shown using (kpi)
    where segment_type = 'all'
),
segmented as (
    select
        kpi, period_grain, period_start, period_grain || ' ' || period_start as period,
        segment_type, segment_value, value
    from kpi_values
    where kpi in (from shown select kpi) and (segment_type, segment_value) in (
        select (segment_type, segment_value) from segments where is_filter and segment_type <> 'all'
    )
),
moments as (
    select
        *,
        cast(starts_on - case grain
            when 'week' then interval 7 day when 'month' then interval 1 month
            when 'quarter' then interval 3 month else interval 1 year
        end as date) as previous_start,
        cast(starts_on - if(grain = 'week', interval 364 day, interval 1 year) as date)
            as year_ago_start
    from periods
),
parts as (
    select
        now.kpi, now.period_grain, now.period_start, now.segment_type, now.segment_value, now.value,
        previous.value as previous_value,
        year_ago.value as year_ago_value,
        case
            when is_difference then now.value - previous.value
            when previous.value > 0 then now.value / previous.value - 1
        end as change,
        case
            when is_difference then now.value - year_ago.value
            when year_ago.value > 0 then now.value / year_ago.value - 1
        end as year_change
    from segmented as now
    inner join shown using (kpi)
    inner join moments on now.period = moments.period
    left join segmented as previous
        on now.kpi = previous.kpi and now.period_grain = previous.period_grain
        and now.segment_type = previous.segment_type and now.segment_value = previous.segment_value
        and moments.previous_start = previous.period_start
    left join segmented as year_ago
        on now.kpi = year_ago.kpi and now.period_grain = year_ago.period_grain
        and now.segment_type = year_ago.segment_type and now.segment_value = year_ago.segment_value
        and moments.year_ago_start = year_ago.period_start
),
others as (
    select
        kpi, period_grain, period_start, segment_type, segment_value, value,
        null as previous_value, null as year_ago_value, null as change, null as year_change
    from kpi_values
    inner join shown using (kpi)
    inner join segments using (segment_type, segment_value)
    inner join periods on period_grain = grain and period_start = starts_on
    where not segments.is_filter and periods.is_choice
),
rows as (
    from whole union all from parts union all from others
)
select
    rows.kpi, grain, period, rows.segment_type, rows.segment_value,
    rows.value, kpi_values.ci_low as low, kpi_values.ci_high as high,
    rows.previous_value as previous, rows.change, rows.year_ago_value as year_ago, year_change,
    target_value as target, status, projected_value as projected,
    coalesce(kpi_values.denominator < 30 and kpi_values.denominator = floor(kpi_values.denominator), false) as is_small,
    not is_complete as is_open
from rows
inner join periods on rows.period_grain = grain and rows.period_start = starts_on
left join kpi_values
    on rows.kpi = kpi_values.kpi and rows.period_grain = kpi_values.period_grain
    and rows.period_start = kpi_values.period_start
    and rows.segment_type = kpi_values.segment_type and rows.segment_value = kpi_values.segment_value
left join kpi_scorecard
    on rows.kpi = kpi_scorecard.kpi and rows.period_grain = kpi_scorecard.period_grain
    and rows.period_start = kpi_scorecard.period_start
    and rows.segment_type = kpi_scorecard.segment_type and rows.segment_value = kpi_scorecard.segment_value
order by rows.kpi, grain, rows.segment_type, rows.segment_value, rows.period_start;

-- days
select
    kpi, concat('day ', period_start) as day, value, expected_value as expected, lower, upper,
    is_anomaly
from kpi_anomalies
where
    segment_type = 'all' and kpi in (select unnest($headline))
    and period_start > (select max(period_start) - 91 from kpi_anomalies)
order by kpi, period_start;

-- anomalies
select
    concat('day ', period_start) as day, kpi, segment_type, segment_value, value,
    expected_value as expected, lower, upper, direction,
    known_event as event, known_event_fr as event_fr
from kpi_anomalies
where
    is_anomaly
    and period_start > (select max(period_start) - 7 from kpi_scorecard where period_grain = 'day')
order by period_start desc, segment_type <> 'all', abs(score) desc nulls first, kpi, segment_value
limit 15;

-- targets
-- Each target at the newest period that is over, and whether it is SMART.
select
    kpi_scorecard.kpi, kpi_scorecard.segment_type, kpi_scorecard.segment_value,
    concat(kpi_scorecard.period_grain, ' ', kpi_scorecard.period_start) as period,
    kpi_scorecard.value, kpi_scorecard.target_value as target, attainment, status, kpi_scorecard.owner, is_smart
from kpi_scorecard
left join kpi_targets_review using (target_id)
where target_id is not null and is_complete_period
qualify row_number() over (partition by target_id order by kpi_scorecard.period_start desc) = 1
order by status, kpi_scorecard.kpi, kpi_scorecard.segment_value
limit 30;

-- drivers
select
    period, comparison, segment_type, segment_value, driver, value, previous_value as previous,
    contribution
from revenue_drivers
inner join periods on period_grain = grain and period_start = starts_on
inner join segments using (segment_type, segment_value)
where is_choice
order by
    period, comparison, segment_type, segment_value,
    list_position(['visitors', 'orders_per_visitor', 'average_order_value', 'orders_without_session'], driver);

-- channels
-- The channels that cost most. A customer's value after a year is known a year later only.
with places as (
    select channel from channel_performance
    where period_grain = 'year'
    group by channel
    order by sum(cost) desc nulls last, sum(sessions) desc nulls last, channel
    limit 10
)
select
    period, channel, cost, new_customers, cac, clv_90d, clv_365d, ltv_to_cac, payback_days,
    roas_platform, roas_last_click, roas_data_driven, marginal_roas, marginal_roas_low, marginal_roas_high, break_even_roas,
    recommended_move, coalesce(new_customers, 0) < 30 as is_small
from channel_performance
inner join periods on period_grain = grain and period_start = starts_on
inner join places using (channel)
where is_choice
order by period, cost desc nulls last, channel;

-- attribution
with places as (
    select channel from channel_attribution
    where period_grain = 'year' and model = 'last_touch'
    group by channel
    order by sum(net_sales) desc, channel
    limit 9
)
select period, channel, model, orders, net_sales, roas
from channel_attribution
inner join periods on period_grain = grain and period_start = starts_on
inner join places using (channel)
where is_choice
order by
    period, channel,
    list_position(
        ['first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay', 'data_driven'], model
    );

-- funnel
select
    period, segment_type, segment_value, step, sessions, step_rate, overall_rate,
    first_value(sessions) over (
        partition by period, segment_type, segment_value order by step_number
    ) < 30 as is_small
from conversion_funnel
inner join periods on period_grain = grain and period_start = starts_on
inner join segments using (segment_type, segment_value)
where is_choice and is_filter
order by period, segment_type, segment_value, step_number;

-- causes
select period, segment_type, segment_value, cause, carts, cart_abandonment_causes.share, value
from cart_abandonment_causes
inner join periods on period_grain = grain and period_start = starts_on
inner join segments using (segment_type, segment_value)
where is_choice and is_filter
order by period, segment_type, segment_value, carts desc, cause;

-- experiments
-- Lifts over the control's mean, so that rates and money share a scale.
select
    concat(name, ' · ', metric, if(variant = 'treatment', '', concat(' · ', variant))) as experiment_metric,
    visitors, mean, control_mean,
    absolute_lift / nullif(control_mean, 0) as effect,
    experiment_results.ci_low / nullif(control_mean, 0) as low,
    experiment_results.ci_high / nullif(control_mean, 0) as high,
    p_value, always_valid_p_value, is_significant, has_sample_ratio_mismatch as is_mismatch
from experiment_results
inner join experiments using (experiment_id)
where absolute_lift is not null
order by started_on desc, experiment_id, metric, variant
limit 30;

-- cohorts
select
    concat('month ', cohort_month) as cohort, month_number as month, cohort_size,
    active_customers, retention_rate as retention,
    cumulative_gross_margin_per_customer as margin, cohort_size < 30 as is_small
from customer_cohorts
where
    segment_type = 'all' and is_complete
    and cohort_month in (select starts_on from periods where grain = 'month')
order by cohort_month, month_number;

-- rfm
select
    rfm_segment, count(*) as customers, cast(sum(net_revenue) as double) as net_revenue,
    sum(expected_value_365d) as expected_value, count(*) < 30 as is_small
from customer_values
where rfm_segment is not null
group by rfm_segment
order by customers desc, rfm_segment;

-- due
select
    customer_id as customer, rfm_segment, acquisition_channel as channel, orders, recency_days,
    cast(net_revenue as double) as net_revenue, probability_order_365d as probability,
    expected_value_365d as expected_value
from customer_values
where is_reactivation_due
order by expected_value_365d desc nulls last, net_revenue desc, customer_id
limit 15;

-- baskets
select
    period, level, orders, average_order_value, items_per_order, gross_margin_per_order,
    mix_adjusted_difference as difference, ci_low as low, ci_high as high, orders < 30 as is_small
from basket_impact
inner join periods on period_grain = grain and period_start = starts_on
where is_choice
order by period, lever, level;

-- affinity
with places as (
    select antecedent as category from product_affinity
    where level = 'category'
    group by antecedent
    order by max(antecedent_orders) desc, antecedent
    limit 9
)
select antecedent, consequent, orders_with_both as orders, confidence, lift, orders_with_both < 30 as is_small
from product_affinity
where level = 'category' and antecedent in (from places) and consequent in (from places)
order by antecedent, consequent;

-- pairs
select
    coalesce(first.product_name, antecedent) as product, coalesce(second.product_name, consequent) as with_product,
    orders_with_both as orders, confidence, lift, orders_with_both < 30 as is_small
from product_affinity
left join dim_products as first on antecedent = first.product_id
left join dim_products as second on consequent = second.product_id
where level = 'product' and antecedent < consequent
order by lift desc, antecedent, consequent
limit 10;

-- stock
select
    status as stock_status, count(*) as positions, cast(sum(stock_value) as double) as stock_value,
    cast(sum(excess_stock_value) as double) as excess_value
from inventory_position
group by status
order by list_position(['out_of_stock', 'reorder', 'healthy', 'overstock', 'dead_stock'], status);

-- reorders
select
    coalesce(product_name, inventory_position.product_id) as product, warehouse_id as warehouse, inventory_position.category, status as stock_status, on_hand,
    on_order, days_of_cover, reorder_point, suggested_order_quantity as suggested, estimated_lost_sales_90d as lost_sales
from inventory_position
left join dim_products using (product_id)
where suggested_order_quantity > 0
order by estimated_lost_sales_90d desc nulls last, days_of_cover nulls last, product_id, warehouse_id
limit 20;

-- stages
select
    period, segment_type, segment_value, stage, shipments, open_shipments, p50_hours as median, p90_hours as p90,
    is_bottleneck, is_warehouse_bottleneck, shipments < 30 as is_small
from delivery_performance
inner join periods on period_grain = grain and period_start = starts_on
inner join segments using (segment_type, segment_value)
where is_choice and is_filter
order by period, segment_type, segment_value, stage_number;

-- satisfaction
select
    segment_type, segment_value, nps_answers as answers, nps, nps_ci_low as nps_low, nps_ci_high as nps_high,
    orders_delivered as delivered, complaint_rate as complaints, complaint_rate_ci_low as complaints_low,
    complaint_rate_ci_high as complaints_high, coalesce(nps_answers, 0) < 30 as is_small, coalesce(orders_delivered, 0) < 30 as is_small_delivered
from satisfaction_by_delivery
where segment_type in ('carrier', 'days_late')
qualify row_number() over (partition by segment_type order by orders_delivered desc, segment_value) <= 9
order by segment_type, segment_value;

-- accounting
select table_name, rows_read, rows_accepted, rows_superseded, rows_rejected
from raw_row_accounting
order by table_name;

-- definitions
select
    kpi, label, label_fr, domain, unit, direction, accumulates, owner, objective, objective_fr,
    description, description_fr
from kpi_catalogue
order by domain, label;
