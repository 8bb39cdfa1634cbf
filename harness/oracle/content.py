"""Content: pages, engagement, returning visitors, and orders that content helped."""

from __future__ import annotations

import polars as pl

from .raw import AMOUNT_UNITS
from .rollup import count, distinct, kpi_rows, kpi_segments, rollup
from .sessions import session_facts
from .shop import Shop, within_days

IMPLEMENTED = (
    "pages_per_session", "engagement_rate", "bounce_rate", "engagement_seconds",
    "returning_visitor_rate", "content_assisted_order_rate",
)  # fmt: skip

ENGAGED_SECONDS, ENGAGED_PAGES = 10, 2
ASSIST_DAYS = 30


def assisted_orders(shop: Shop) -> pl.DataFrame:
    """Valid orders with a session; `is_assisted` where a content page was viewed before (30).

    By the order's visitor or in another session of its customer, within 30 days, up to the order.
    """
    content = shop.table("pages").filter(pl.col("page_type") == "content").select("page_path")
    views = (
        shop.events.filter(pl.col("event_name") == "page_view")
        .join(content, on="page_path", how="semi")
        .select("session_id", "event_at")
        .join(shop.visits.select("session_id", "visitor_id", "customer_id"), on="session_id")
    )
    orders = shop.valid_orders.filter(pl.col("visit_id").is_not_null())
    found = []
    for key in ("visitor_id", "customer_id"):
        pairs = orders.filter(pl.col(key).is_not_null()).select("order_id", "ordered_at", key)
        found.append(
            pairs.join(views.filter(pl.col(key).is_not_null()).select("event_at", key), on=key)
            .filter(within_days(pl.col("ordered_at"), pl.col("event_at"), ASSIST_DAYS))
            .select("order_id")
        )
    assisted = pl.concat(found).unique().with_columns(pl.lit(True).alias("is_assisted"))
    return orders.join(assisted, on="order_id", how="left")


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All content KPIs."""
    engaged = (
        (pl.col("engagement") >= ENGAGED_SECONDS * AMOUNT_UNITS)
        | (pl.col("page_views") >= ENGAGED_PAGES)
        | pl.col("has_order")
        | (pl.col("leads") > 0)
    )
    rolled = rollup(
        session_facts(shop),
        "day",
        kpi_segments("engagement_rate"),
        sessions=pl.len(),
        page_views=pl.col("page_views").sum(),
        engaged=count(engaged),
        bounced=count(~engaged),
        seconds=pl.col("engagement").sum() / AMOUNT_UNITS,
        visitors=distinct("visitor"),
        coming_back=distinct("visitor", pl.col("visitor_type") == "returning"),
    )
    orders = rollup(
        assisted_orders(shop),
        "day",
        kpi_segments("content_assisted_order_rate"),
        orders=pl.len(),
        assisted=count(pl.col("is_assisted")),
    )
    return [
        kpi_rows("pages_per_session", rolled, "page_views", "sessions"),
        kpi_rows("engagement_rate", rolled, "engaged", "sessions"),
        kpi_rows("bounce_rate", rolled, "bounced", "sessions"),
        kpi_rows("engagement_seconds", rolled, "seconds", "sessions"),
        kpi_rows("returning_visitor_rate", rolled, "coming_back", "visitors"),
        kpi_rows("content_assisted_order_rate", orders, "assisted", "orders"),
    ]
