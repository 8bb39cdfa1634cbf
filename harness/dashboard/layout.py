"""The tabs: their tiles, and their figures in order. The first tile's KPI is the one in focus."""

from __future__ import annotations

# `trend`, `breakdown` and `days` follow the KPI in focus; `breakdown:<kpi>:<segment>` is of that one
TABS: dict[str, dict[str, list[str]]] = {
    "executive": {
        "tiles": [
            "net_sales", "net_revenue", "gross_margin_rate", "orders", "average_order_value", "visitors",
            "conversion_rate", "customer_acquisition_cost", "ltv_to_cac", "repeat_purchase_rate_90d",
            "on_time_delivery_rate", "nps",
        ],
        "figures": ["trend", "drivers", "days", "anomalies", "targets"],
    },
    "acquisition": {
        "tiles": [
            "ad_spend", "new_customers", "customer_acquisition_cost", "paid_customer_acquisition_cost",
            "clv_365d", "ltv_to_cac", "roas_platform", "roas_last_click", "roas_data_driven",
            "platform_overclaim", "marketing_efficiency_ratio", "cost_per_order",
        ],
        "figures": ["trend", "breakdown", "dumbbell", "payback", "roas", "marginal", "attribution"],
    },
    "conversion": {
        "tiles": [
            "session_conversion_rate", "sessions", "buyer_conversion_rate", "revenue_per_visitor",
            "add_to_cart_rate", "checkout_start_rate", "checkout_completion_rate",
            "cart_abandonment_rate", "abandoned_cart_value", "cart_recovery_rate",
        ],
        "figures": ["trend", "breakdown", "funnel", "causes", "funnel_by_device", "experiments"],
    },
    "customers": {
        "tiles": [
            "active_customers", "new_customers", "returning_customer_rate", "purchase_frequency",
            "repeat_purchase_rate_30d", "repeat_purchase_rate_90d", "repeat_purchase_rate_365d",
            "median_days_between_orders", "clv_90d", "clv_365d", "clv_predicted_365d",
            "lapsed_customer_rate",
        ],
        "figures": ["trend", "breakdown", "cohorts", "margins", "rfm", "due"],
    },
    "products": {
        "tiles": [
            "average_order_value", "items_per_order", "multi_category_order_rate", "discount_rate",
            "promotion_order_rate", "return_rate", "stock_value", "stockout_rate",
            "days_of_inventory", "stock_turnover", "sell_through_rate", "forecast_wape",
        ],
        "figures": ["trend", "breakdown", "breakdown:net_sales:category", "baskets", "stock", "affinity", "pairs", "reorders"],
    },
    "operations": {
        "tiles": [
            "order_processing_hours", "p90_order_processing_hours", "delivery_days",
            "on_time_delivery_rate", "perfect_order_rate", "shipping_cost_per_order",
            "backlog_orders", "nps", "csat", "complaint_rate",
        ],
        "figures": [
            "trend", "breakdown", "stages", "breakdown:on_time_delivery_rate:carrier", "carriers_complaints", "carriers_nps", "late_nps",
        ],
    },
    "site": {
        "tiles": [
            "sessions", "pages_per_session", "engagement_rate", "bounce_rate", "engagement_seconds",
            "returning_visitor_rate", "content_assisted_order_rate", "leads", "visit_to_lead_rate",
            "lead_qualification_rate", "lead_conversion_rate", "cost_per_lead",
            "form_completion_rate", "contact_rate", "first_response_hours", "resolution_hours",
        ],
        "figures": [
            "trend", "breakdown", "breakdown:engagement_rate:device_type",
            "breakdown:content_assisted_order_rate:channel", "breakdown:leads:channel",
            "breakdown:lead_conversion_rate:form_id", "breakdown:first_response_hours:topic",
            "breakdown:resolution_hours:topic",
        ],
    },
    "definitions": {"tiles": [], "figures": ["accounting"]},
}  # fmt: skip

HEADLINE = TABS["executive"]["tiles"]
KPIS = sorted({kpi for tab in TABS.values() for kpi in tab["tiles"]})
