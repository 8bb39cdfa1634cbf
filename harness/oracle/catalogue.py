"""The KPIs that the oracle knows: domain, cuts, optional tables needed, interval and scale.

A hand-kept copy of the output contract, on purpose: the oracle must not read the project's own
catalogue, or an error there would be believed on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

SETS: dict[str, tuple[str, ...]] = {
    "order": (
        "channel",
        "acquisition_channel",
        "acquisition_cohort",
        "customer_type",
        "device_type",
        "country_code",
        "zone",
        "sales_channel",
        "promotion",
        "shipping_fee",
        "rfm_segment",
    ),
    "item": (
        "channel",
        "acquisition_channel",
        "acquisition_cohort",
        "customer_type",
        "device_type",
        "country_code",
        "zone",
        "category",
        "brand",
    ),
    "session": (
        "channel",
        "visitor_cohort",
        "visitor_type",
        "customer_type",
        "device_type",
        "country_code",
        "device_type+visitor_type",
        "device_type+customer_type",
        "channel+device_type",
    ),
    "customer": (
        "acquisition_channel",
        "acquisition_cohort",
        "country_code",
        "zone",
        "rfm_segment",
    ),
    "cohort": ("acquisition_channel", "acquisition_cohort", "country_code", "zone"),
    "spend": ("channel", "platform", "country_code"),
    "delivery": (
        "carrier",
        "delivery_mode",
        "zone",
        "country_code",
        "warehouse",
        "channel",
        "acquisition_cohort",
        "carrier+delivery_mode",
    ),
    "stock": ("category", "brand", "warehouse"),
    "lead": ("channel", "form_id", "lead_cohort"),
    "ticket": ("ticket_type", "topic", "contact_channel"),
}


@dataclass(frozen=True)
class Kpi:
    """One KPI: `segments` are set names or single segment types; `all` is always added."""

    domain: str
    segments: tuple[str, ...]
    needs: tuple[str, ...] = ()
    proportion: bool = False
    scale: float = 1.0

    @property
    def segment_types(self) -> tuple[str, ...]:
        """`all` and every segment type of the KPI, each once."""
        expanded = ["all"]
        for name in self.segments:
            expanded.extend(SETS.get(name, (name,)))
        return tuple(dict.fromkeys(expanded))


KPIS: dict[str, Kpi] = {
    # sales
    "orders": Kpi("sales", ("order",)),
    "gross_sales": Kpi("sales", ("order", "item")),
    "net_sales": Kpi("sales", ("order", "item")),
    "net_revenue": Kpi("sales", ("order", "item")),
    "gross_margin": Kpi("sales", ("order", "item")),
    "gross_margin_rate": Kpi("sales", ("order", "item")),
    "average_order_value": Kpi("sales", ("order", "category")),
    "median_order_value": Kpi("sales", ("order",)),
    "items_per_order": Kpi("sales", ("order",)),
    "discount_rate": Kpi("sales", ("order", "item")),
    "promotion_order_rate": Kpi("sales", ("order",), proportion=True),
    "free_shipping_rate": Kpi("sales", ("order",), proportion=True),
    "refund_rate": Kpi("sales", ("order", "item"), needs=("refunds",)),
    "multi_category_order_rate": Kpi("sales", ("order",), proportion=True),
    # conversion
    "sessions": Kpi("conversion", ("session",)),
    "visitors": Kpi("conversion", ("session",)),
    "conversion_rate": Kpi("conversion", ("session",)),
    "buyer_conversion_rate": Kpi("conversion", ("session",), proportion=True),
    "session_conversion_rate": Kpi("conversion", ("session",), proportion=True),
    "revenue_per_visitor": Kpi("conversion", ("session",)),
    "product_view_rate": Kpi(
        "conversion", ("session",), needs=("session_events",), proportion=True
    ),
    "add_to_cart_rate": Kpi("conversion", ("session",), needs=("session_events",), proportion=True),
    "checkout_start_rate": Kpi(
        "conversion", ("session",), needs=("session_events",), proportion=True
    ),
    "checkout_completion_rate": Kpi(
        "conversion", ("session",), needs=("session_events",), proportion=True
    ),
    # cart
    "cart_abandonment_rate": Kpi("cart", ("session",), needs=("session_events",), proportion=True),
    "checkout_abandonment_rate": Kpi(
        "cart", ("session",), needs=("session_events",), proportion=True
    ),
    "abandoned_cart_value": Kpi("cart", ("session",), needs=("session_events",)),
    "cart_recovery_rate": Kpi("cart", ("session",), needs=("session_events",), proportion=True),
    "reminder_recovery_rate": Kpi(
        "cart", ("session",), needs=("session_events", "messages"), proportion=True
    ),
    # customers
    "active_customers": Kpi("customers", ("order",)),
    "new_customers": Kpi("customers", ("cohort",)),
    "returning_customer_rate": Kpi("customers", ("order",), proportion=True),
    "purchase_frequency": Kpi("customers", ("order",)),
    "repeat_purchase_rate_30d": Kpi("customers", ("cohort",), proportion=True),
    "repeat_purchase_rate_90d": Kpi("customers", ("cohort",), proportion=True),
    "repeat_purchase_rate_365d": Kpi("customers", ("cohort",), proportion=True),
    "median_days_between_orders": Kpi("customers", ("order",)),
    "clv_90d": Kpi("customers", ("cohort",)),
    "clv_365d": Kpi("customers", ("cohort",)),
    "clv_predicted_365d": Kpi("customers", ("customer",)),
    "lapsed_customer_rate": Kpi("customers", ("customer",), proportion=True),
    # marketing
    "ad_spend": Kpi("marketing", ("spend",)),
    "click_through_rate": Kpi("marketing", ("spend",)),
    "cost_per_click": Kpi("marketing", ("spend",)),
    "customer_acquisition_cost": Kpi(
        "marketing", ("channel", "country_code", "acquisition_cohort")
    ),
    "paid_customer_acquisition_cost": Kpi("marketing", ("country_code", "acquisition_cohort")),
    "ltv_to_cac": Kpi("marketing", ("acquisition_channel", "acquisition_cohort")),
    "roas_platform": Kpi("marketing", ("spend",)),
    "cost_per_order": Kpi("marketing", ("channel", "country_code")),
    "roas_last_click": Kpi("marketing", ("channel",)),
    "roas_data_driven": Kpi("marketing", ("channel",)),
    "platform_overclaim": Kpi("marketing", ("channel",)),
    "marketing_efficiency_ratio": Kpi("marketing", ("country_code",)),
    # satisfaction
    "nps": Kpi("satisfaction", ("delivery",), needs=("surveys",), scale=100.0),
    "csat": Kpi("satisfaction", ("delivery",), needs=("surveys",), proportion=True),
    "survey_response_rate": Kpi("satisfaction", ("delivery",), needs=("surveys",), proportion=True),
    "complaint_rate": Kpi("satisfaction", ("delivery",), needs=("tickets",), proportion=True),
    "return_rate": Kpi("satisfaction", ("order", "item"), needs=("refunds",)),
    # fulfilment
    "order_processing_hours": Kpi("fulfilment", ("delivery",)),
    "median_order_processing_hours": Kpi("fulfilment", ("delivery",)),
    "p90_order_processing_hours": Kpi("fulfilment", ("delivery",)),
    "delivery_days": Kpi("fulfilment", ("delivery",)),
    "on_time_delivery_rate": Kpi("fulfilment", ("delivery",), proportion=True),
    "perfect_order_rate": Kpi("fulfilment", ("delivery",), needs=("tickets",), proportion=True),
    "shipping_cost_per_order": Kpi("fulfilment", ("delivery",)),
    "backlog_orders": Kpi("fulfilment", ("warehouse", "delivery_mode")),
    # inventory
    "stock_turnover": Kpi("inventory", ("stock",), needs=("inventory_snapshots",)),
    "days_of_inventory": Kpi("inventory", ("stock",), needs=("inventory_snapshots",)),
    "stockout_rate": Kpi("inventory", ("stock",), needs=("inventory_snapshots",), proportion=True),
    "stock_value": Kpi("inventory", ("stock",), needs=("inventory_snapshots",)),
    "sell_through_rate": Kpi("inventory", ("category", "brand"), needs=("inventory_snapshots",)),
    "forecast_wape": Kpi("inventory", ("category",)),
    # leads
    "leads": Kpi("leads", ("lead",), needs=("leads",)),
    "visit_to_lead_rate": Kpi(
        "leads", ("channel", "device_type"), needs=("leads",), proportion=True
    ),
    "lead_qualification_rate": Kpi("leads", ("lead",), needs=("leads",), proportion=True),
    "lead_conversion_rate": Kpi("leads", ("lead",), needs=("leads",), proportion=True),
    "cost_per_lead": Kpi("leads", ("channel",), needs=("leads",)),
    "median_days_to_convert": Kpi("leads", ("lead",), needs=("leads",)),
    # content
    "pages_per_session": Kpi("content", ("session",), needs=("session_events",)),
    "engagement_rate": Kpi("content", ("session",), needs=("session_events",), proportion=True),
    "bounce_rate": Kpi("content", ("session",), needs=("session_events",), proportion=True),
    "engagement_seconds": Kpi("content", ("session",), needs=("session_events",)),
    "returning_visitor_rate": Kpi("content", ("session",), proportion=True),
    "content_assisted_order_rate": Kpi(
        "content", ("channel", "device_type"), needs=("session_events", "pages"), proportion=True
    ),
    # support
    "form_completion_rate": Kpi(
        "support", ("form_id", "device_type", "channel"), needs=("session_events",), proportion=True
    ),
    "download_rate": Kpi("support", ("session",), needs=("session_events",), proportion=True),
    "contact_rate": Kpi("support", (), needs=("tickets",)),
    "first_response_hours": Kpi("support", ("ticket",), needs=("tickets",)),
    "resolution_hours": Kpi("support", ("ticket",), needs=("tickets",)),
}
