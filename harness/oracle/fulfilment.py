"""Fulfilment: processing time, delivery, its cost, and what waits."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from .rollup import (
    GRAINS,
    count,
    distinct,
    kpi_rows,
    kpi_segments,
    money,
    percentile,
    rollup,
    segment_expression,
)
from .shop import Shop

IMPLEMENTED = (
    "order_processing_hours", "median_order_processing_hours", "p90_order_processing_hours",
    "delivery_days", "on_time_delivery_rate", "perfect_order_rate", "shipping_cost_per_order",
    "backlog_orders",
)  # fmt: skip

HOUR_MICROS, DAY_MICROS = 3_600_000_000, 86_400_000_000
PERFECT_AFTER_DAYS = 30


def complaining_orders(shop: Shop) -> pl.DataFrame:
    """Orders with a complaint ticket opened up to as_of (ruling 26)."""
    return (
        shop.table("tickets")
        .filter(pl.col("ticket_type") == "complaint", shop.day("opened_at") <= shop.as_of)
        .filter(pl.col("order_id").is_not_null())
        .select("order_id")
        .unique()
    )


def backlog(shop: Shop) -> pl.DataFrame:
    """Orders waiting at the end of each period up to the one that holds as_of (24, decision 14).

    Found by adding up, over the days, the orders that start to wait and those that are shipped.
    """
    whole = shop.order_delivery.filter(pl.col("shipped") == pl.col("parcels")).select(
        "order_id", shop.day("last_shipped_at").alias("left_on")
    )
    orders = shop.valid_orders.join(whole, on="order_id", how="left").with_columns(
        shop.day("start_at").alias("start_on")
    )
    orders = orders.filter(pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("start_on")))
    parts = []
    first = orders["start_on"].min()
    for grain, step in GRAINS.items():
        if first is None:
            break
        starts = pl.select(
            pl.date_range(
                pl.lit(first).dt.truncate(step), pl.lit(shop.as_of).dt.truncate(step), step
            ).alias("period_start")
        )
        periods = starts.with_columns(
            pl.col("period_start").dt.offset_by(step).dt.offset_by("-1d").alias("end")
        )
        for segment_type in kpi_segments("backlog_orders"):
            segment = segment_expression(segment_type).alias("segment_value")
            came = orders.select(segment, pl.col("start_on").alias("on"), pl.lit(1).alias("step"))
            went = orders.filter(pl.col("left_on").is_not_null()).select(
                segment, pl.col("left_on").alias("on"), pl.lit(-1).alias("step")
            )
            moves = pl.concat([came, went]).group_by("segment_value", "on").agg(pl.sum("step"))
            moves = moves.sort("on").with_columns(
                pl.col("step").cum_sum().over("segment_value", order_by="on").alias("waiting")
            )
            parts.append(
                periods.join(moves.select("segment_value").unique(), how="cross")
                .sort("end")
                .join_asof(
                    moves, left_on="end", right_on="on", by="segment_value",
                    check_sortedness=False,
                )
                .select(
                    pl.lit(grain).alias("period_grain"),
                    "period_start",
                    pl.lit(segment_type).alias("segment_type"),
                    "segment_value",
                    pl.col("waiting").fill_null(0),
                )
            )  # fmt: skip
    if not parts:
        return pl.DataFrame()
    return pl.concat(parts)


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All fulfilment KPIs."""
    orders = shop.valid_orders.join(shop.order_delivery, on="order_id", how="inner")
    segments = kpi_segments("delivery_days")

    processed = orders.filter(pl.col("shipped") == pl.col("parcels")).with_columns(
        shop.day("last_shipped_at").alias("booked_on"),
        (pl.col("last_shipped_at") - pl.col("start_at")).dt.total_microseconds().alias("micros"),
    )
    processing = rollup(
        processed.with_columns((pl.col("micros") / HOUR_MICROS).alias("hours")),
        "booked_on",
        segments,
        orders=pl.len(),
        hours=pl.col("micros").sum() / HOUR_MICROS,
        median=percentile("hours", 0.5),
        p90=percentile("hours", 0.9),
    )

    delivered = orders.filter(pl.col("delivered") == pl.col("parcels")).with_columns(
        shop.day("last_delivered_at").alias("booked_on"),
        (pl.col("last_delivered_at") - pl.col("ordered_at"))
        .dt.total_microseconds()
        .alias("micros"),
    )
    delivery = rollup(
        delivered,
        "booked_on",
        segments,
        orders=pl.len(),
        days=pl.col("micros").sum() / DAY_MICROS,
    )

    refund_limit = pl.col("last_delivered_at") + timedelta(days=PERFECT_AFTER_DAYS)
    refunded = (
        shop.base_refunds.join(
            delivered.select("order_id", "last_delivered_at"), on="order_id", how="inner"
        )
        .filter(pl.col("refunded_at") <= refund_limit)
        .select("order_id")
        .unique()
        .with_columns(pl.lit(True).alias("is_refunded"))
    )
    complaints = complaining_orders(shop).with_columns(pl.lit(True).alias("is_complained"))
    judged = (
        delivered.filter(
            pl.col("promised") == pl.col("parcels"),
            pl.col("booked_on") <= shop.days_before_as_of(PERFECT_AFTER_DAYS),
        )
        .join(refunded, on="order_id", how="left")
        .join(complaints, on="order_id", how="left")
    )
    is_perfect = (
        (pl.col("on_time") == pl.col("parcels"))
        & pl.col("is_refunded").is_null()
        & pl.col("is_complained").is_null()
    )
    perfect = rollup(judged, "booked_on", segments, orders=pl.len(), perfect=count(is_perfect))

    arrived = shop.shipments.filter(
        pl.col("delivered_on").is_not_null(), pl.col("promised_on").is_not_null()
    )
    on_time = rollup(
        arrived,
        "delivered_on",
        segments,
        parcels=pl.len(),
        on_time=count(pl.col("delivered_on") <= pl.col("promised_on")),
    )
    sent = shop.shipments.filter(pl.col("shipping_cost").is_not_null())
    costs = rollup(
        sent,
        "shipped_on",
        segments,
        cost=money("shipping_cost"),
        orders=distinct("order_id"),
    )
    results = [
        kpi_rows("order_processing_hours", processing, "hours", "orders"),
        kpi_rows("median_order_processing_hours", processing, None, "orders", "median"),
        kpi_rows("p90_order_processing_hours", processing, None, "orders", "p90"),
        kpi_rows("delivery_days", delivery, "days", "orders"),
        kpi_rows("on_time_delivery_rate", on_time, "on_time", "parcels"),
        kpi_rows("perfect_order_rate", perfect, "perfect", "orders"),
        kpi_rows("shipping_cost_per_order", costs, "cost", "orders"),
    ]
    waiting = backlog(shop)
    if not shop.table("shipments").is_empty() and not waiting.is_empty():
        results.append(kpi_rows("backlog_orders", waiting, "waiting"))
    return results
