"""Conversion: from visit to order. Everything is booked on the day the session started."""

from __future__ import annotations

import polars as pl

from .rollup import count, distinct, kpi_rows, kpi_segments, money, rollup
from .sessions import session_facts
from .shop import Shop

IMPLEMENTED = (
    "sessions", "visitors", "conversion_rate", "buyer_conversion_rate", "session_conversion_rate",
    "revenue_per_visitor", "product_view_rate", "add_to_cart_rate", "checkout_start_rate",
    "checkout_completion_rate",
)  # fmt: skip


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All conversion KPIs."""
    added, began = pl.col("has_add_to_cart"), pl.col("has_begin_checkout")
    rolled = rollup(
        session_facts(shop),
        "day",
        kpi_segments("sessions"),
        sessions=pl.len(),
        visitors=distinct("visitor"),
        buyers=distinct("visitor", pl.col("has_order")),
        orders=pl.col("orders").sum(),
        net_sales=money("net_sales"),
        ordering=count(pl.col("has_order")),
        viewing=count(pl.col("has_view_item")),
        adding=count(added),
        adding_and_starting=count(added & began),
        starting=count(began),
        completing=count(began & pl.col("has_order")),
    )
    return [
        kpi_rows("sessions", rolled, "sessions"),
        kpi_rows("visitors", rolled, "visitors"),
        kpi_rows("conversion_rate", rolled, "orders", "visitors"),
        kpi_rows("buyer_conversion_rate", rolled, "buyers", "visitors"),
        kpi_rows("session_conversion_rate", rolled, "ordering", "sessions"),
        kpi_rows("revenue_per_visitor", rolled, "net_sales", "visitors"),
        kpi_rows("product_view_rate", rolled, "viewing", "sessions"),
        kpi_rows("add_to_cart_rate", rolled, "adding", "sessions"),
        kpi_rows("checkout_start_rate", rolled, "adding_and_starting", "adding"),
        kpi_rows("checkout_completion_rate", rolled, "completing", "starting"),
    ]
