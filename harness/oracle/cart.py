"""Cart: abandonment, what it is worth, and what comes back. Booked on the session's day."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from .rollup import count, kpi_rows, kpi_segments, money, rollup
from .sessions import session_facts
from .shop import Shop

IMPLEMENTED = (
    "cart_abandonment_rate", "checkout_abandonment_rate", "abandoned_cart_value",
    "cart_recovery_rate", "reminder_recovery_rate",
)  # fmt: skip


def matched(carts: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a cart and a row of `others` of its visitor or of its customer, each pair once."""
    parts = []
    for key in ("visitor_id", "customer_id"):
        parts.append(
            carts.filter(pl.col(key).is_not_null())
            .select("session_id", "ended_at", key)
            .join(
                others.filter(pl.col(key).is_not_null()).select("other_id", "at", key),
                on=key,
                how="inner",
            )
            .drop(key)
        )
    return pl.concat(parts).unique(["session_id", "other_id"])


def recoveries(shop: Shop, carts: pl.DataFrame) -> pl.DataFrame:
    """Of each cart the last order that recovers it and the first reminder, if any (ruling 27).

    An order counts after the session's end, within the recovery days; so does a reminder. A cart
    comes back by its reminder where an order follows it.
    """
    limit = timedelta(days=shop.variable("cart_recovery_days"))
    after = pl.col("at") - pl.col("ended_at")
    in_time = (after > timedelta(0)) & (after <= limit)
    orders = shop.valid_orders.select(
        pl.col("order_id").alias("other_id"), pl.col("ordered_at").alias("at"), "visitor_id",
        "customer_id",
    )  # fmt: skip
    reminders = (
        shop.table("messages")
        .filter(pl.col("message_type") == "cart_reminder")
        .select(
            pl.col("message_id").alias("other_id"), pl.col("sent_at").alias("at"), "visitor_id",
            "customer_id",
        )
    )  # fmt: skip
    ordered = (
        matched(carts, orders).filter(in_time).group_by("session_id")
        .agg(pl.col("at").max().alias("last_order_at"))
    )  # fmt: skip
    reminded = (
        matched(carts, reminders).filter(in_time).group_by("session_id")
        .agg(pl.col("at").min().alias("first_reminder_at"))
    )  # fmt: skip
    return carts.join(ordered, on="session_id", how="left").join(
        reminded, on="session_id", how="left"
    )


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All cart KPIs."""
    facts = session_facts(shop)
    has_cart = pl.col("has_add_to_cart")
    began, ordered = pl.col("has_begin_checkout"), pl.col("has_order")
    segments = kpi_segments("cart_abandonment_rate")
    rolled = rollup(
        facts,
        "day",
        segments,
        carts=count(has_cart),
        abandoned=count(has_cart & ~ordered),
        checkouts=count(began),
        checkouts_left=count(began & ~ordered),
        lost_value=money(pl.col("cart_value").filter(has_cart & ~ordered)),
    )
    mature = shop.days_before_as_of(shop.variable("cart_recovery_days"))
    carts = facts.filter(has_cart & ~ordered).filter(shop.day("ended_at") <= mature)
    was_reminded = pl.col("first_reminder_at").is_not_null()
    recovered = rollup(
        recoveries(shop, carts),
        "day",
        segments,
        carts=pl.len(),
        recovered=count(pl.col("last_order_at").is_not_null()),
        reminded=count(was_reminded),
        by_reminder=count(pl.col("last_order_at") > pl.col("first_reminder_at")),
    )
    return [
        kpi_rows("cart_abandonment_rate", rolled, "abandoned", "carts"),
        kpi_rows("checkout_abandonment_rate", rolled, "checkouts_left", "checkouts"),
        kpi_rows("abandoned_cart_value", rolled, "lost_value"),
        kpi_rows("cart_recovery_rate", recovered, "recovered", "carts"),
        kpi_rows("reminder_recovery_rate", recovered, "by_reminder", "reminded"),
    ]
