"""Whole marts, read with the dashboard's names: `-- data set: key of its rows`, then the SQL."""

LOOKUPS = """
-- days: kpi, day
select kpi, 'day ' || period_start as day, value, expected_value as expected, lower, upper,
    is_anomaly
from kpi_anomalies
where segment_type = 'all'

-- anomalies: day, kpi, segment_type, segment_value
select 'day ' || period_start as day, kpi, segment_type, segment_value, value,
    expected_value as expected, lower, upper, direction, known_event as event,
    known_event_fr as event_fr
from kpi_anomalies

-- targets: kpi, segment_type, segment_value, period
select kpi, segment_type, segment_value, {period}, value, target_value as target, attainment,
    status, kpi_scorecard.owner, (select is_smart
from kpi_targets_review r
where r.target_id = kpi_scorecard.target_id) as is_smart
from kpi_scorecard
where target_id is not null

-- drivers: period, comparison, segment_type, segment_value, driver
select {period}, comparison, segment_type, segment_value, driver, value,
    previous_value as previous, contribution
from revenue_drivers
where period_grain <> 'day'

-- channels: period, channel
select {period}, * exclude (new_customers), new_customers, coalesce(new_customers,
    0) < 30 as is_small
from channel_performance
where period_grain <> 'day'

-- attribution: period, channel, model
select {period}, channel, model, orders, net_sales, roas
from channel_attribution
where period_grain <> 'day'

-- funnel: period, segment_type, segment_value, step
select {period}, segment_type, segment_value, step, sessions, step_rate, overall_rate,
    (select all_steps.sessions < 30
from conversion_funnel all_steps
where all_steps.step = 'session' and all_steps.period_grain = f.period_grain and
    all_steps.period_start = f.period_start and all_steps.segment_type = f.segment_type and
    all_steps.segment_value = f.segment_value) as is_small
from conversion_funnel f
where period_grain <> 'day'

-- causes: period, segment_type, segment_value, cause
select {period}, segment_type, segment_value, cause, carts, share, value
from cart_abandonment_causes
where period_grain <> 'day'

-- experiments: experiment_metric
select e.name || ' · ' || metric as experiment_metric, visitors, mean, control_mean,
    absolute_lift / control_mean as effect, r.ci_low / control_mean as low,
    r.ci_high / control_mean as high, p_value, always_valid_p_value, is_significant,
    has_sample_ratio_mismatch as is_mismatch
from experiment_results r, experiments e
where r.experiment_id = e.experiment_id
and variant = 'treatment'

-- cohorts: cohort, month
select 'month ' || cohort_month as cohort, month_number as month, cohort_size,
    active_customers, retention_rate as retention,
    cumulative_gross_margin_per_customer as margin, cohort_size < 30 as is_small
from customer_cohorts
where segment_type = 'all'

-- due: customer
select customer_id as customer, rfm_segment, acquisition_channel as channel, orders,
    recency_days, net_revenue, probability_order_365d as probability,
    expected_value_365d as expected_value
from customer_values
where is_reactivation_due

-- baskets: period, level
select {period}, level, orders, average_order_value, items_per_order, gross_margin_per_order,
    mix_adjusted_difference as difference, ci_low as low, ci_high as high,
    orders < 30 as is_small
from basket_impact
where period_grain <> 'day'

-- affinity: antecedent, consequent
select antecedent, consequent, orders_with_both as orders, confidence, lift,
    orders_with_both < 30 as is_small
from product_affinity
where level = 'category'

-- pairs: product, with_product, orders
select a.product_name as product, b.product_name as with_product, orders_with_both as orders,
    confidence, lift, orders_with_both < 30 as is_small
from product_affinity, dim_products a, dim_products b
where level = 'product' and a.product_id = antecedent and b.product_id = consequent and
    antecedent < consequent

-- reorders: product, warehouse, on_hand
select product_name as product, warehouse_id as warehouse, p.category,
    p.status as stock_status, on_hand, on_order, days_of_cover, reorder_point,
    suggested_order_quantity as suggested, estimated_lost_sales_90d as lost_sales
from inventory_position p, dim_products d
where p.product_id = d.product_id

-- stages: period, segment_type, segment_value, stage
select {period}, segment_type, segment_value, stage, shipments, open_shipments,
    p50_hours as median, p90_hours as p90, is_bottleneck, is_warehouse_bottleneck,
    shipments < 30 as is_small
from delivery_performance
where period_grain <> 'day'

-- satisfaction: segment_type, segment_value
select segment_type, segment_value, nps_answers as answers, nps, nps_ci_low as nps_low,
    nps_ci_high as nps_high, orders_delivered as delivered, complaint_rate as complaints,
    complaint_rate_ci_low as complaints_low, complaint_rate_ci_high as complaints_high,
    nps_answers < 30 as is_small, orders_delivered < 30 as is_small_delivered
from satisfaction_by_delivery

-- accounting: table_name
from raw_row_accounting

-- definitions: kpi
from kpi_catalogue
""".replace("{period}", "period_grain || ' ' || period_start as period")
