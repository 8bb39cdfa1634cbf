"""Customers: repeat purchase and lifetime value."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from .lifetime import expected_values
from .rollup import (
    count,
    distinct,
    kpi_rows,
    kpi_segments,
    money_or_null,
    percentile,
    rollup,
)
from .shop import Shop

IMPLEMENTED = (
    "active_customers", "new_customers", "returning_customer_rate", "purchase_frequency",
    "repeat_purchase_rate_30d", "repeat_purchase_rate_90d", "repeat_purchase_rate_365d",
    "median_days_between_orders", "clv_90d", "clv_365d", "clv_predicted_365d",
    "lapsed_customer_rate",
)  # fmt: skip

DAY_MICROS = 86_400_000_000
REPEAT_DAYS = (30, 90, 365)
CLV_DAYS = (90, 365)


def customer_orders(shop: Shop) -> pl.DataFrame:
    """Valid orders with a customer, and the gap to the customer's order before, in days.

    Country and zone are the customer's, as in every customer KPI (ruling 17).
    """
    homes = shop.customer_homes
    before = pl.col("ordered_at").shift(1).over("customer_id", order_by=["ordered_at", "order_id"])
    bought = shop.valid_orders.filter(pl.col("customer_id").is_not_null())
    at_home = bought.drop("country_code", "zone").join(homes, on="customer_id", how="left")
    return at_home.with_columns(
        ((pl.col("ordered_at") - before).dt.total_microseconds() / DAY_MICROS).alias("gap"),
        pl.col("customer_id").rank("dense").alias("customer"),
        (pl.col("order_id") != pl.col("first_order_id")).alias("is_repeat"),
    )


def customer_margin(shop: Shop, days: int) -> pl.DataFrame:
    """Gross margin of each customer within N x 24 hours of the first order.

    Null where no line or refund with a known cost falls in it. Refunds count when made within the
    same days (ruling 10).
    """
    limit = timedelta(days=days)
    starts = shop.first_orders.select("customer_id", "first_order_at")
    orders = shop.valid_orders.select("order_id", "customer_id", "ordered_at").join(
        starts, on="customer_id", how="inner"
    )
    orders = orders.filter(pl.col("ordered_at") - pl.col("first_order_at") <= limit)
    sold = (
        shop.base_items.filter(pl.col("unit_cost").is_not_null())
        .join(orders, on="order_id", how="inner")
        .select("customer_id", (pl.col("net_sales") - pl.col("cogs")).alias("margin"))
    )
    back = (
        shop.base_refunds.filter("has_cost")
        .join(orders, on="order_id", how="inner")
        .filter(pl.col("refunded_at") - pl.col("first_order_at") <= limit)
        .select("customer_id", (pl.col("cost_back") - pl.col("amount")).alias("margin"))
    )
    return pl.concat([sold, back]).group_by("customer_id").agg(pl.col("margin").sum())


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All customer KPIs."""
    buying = rollup(
        customer_orders(shop),
        "day",
        kpi_segments("active_customers"),
        orders=pl.len(),
        customers=distinct("customer"),
        returning=distinct("customer", pl.col("is_repeat")),
        gaps=pl.col("gap").count(),
        median_gap=percentile("gap", 0.5),
    )
    results = [
        kpi_rows("active_customers", buying, "customers"),
        kpi_rows("returning_customer_rate", buying, "returning", "customers"),
        kpi_rows("purchase_frequency", buying, "orders", "customers"),
        kpi_rows("median_days_between_orders", buying, None, "gaps", "median_gap"),
    ]

    second = (
        customer_orders(shop)
        .sort("ordered_at", "order_id")
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("ordered_at").slice(1, 1).first().alias("second_order_at"))
    )
    customers = shop.customers.join(second, on="customer_id", how="left")
    new = rollup(customers, "first_order_on", kpi_segments("new_customers"), customers=pl.len())
    results.append(kpi_rows("new_customers", new, "customers"))
    wait = pl.col("second_order_at") - pl.col("first_order_at")
    for days in REPEAT_DAYS:
        name = f"repeat_purchase_rate_{days}d"
        old_enough = customers.filter(pl.col("first_order_on") <= shop.days_before_as_of(days))
        repeat = rollup(
            old_enough,
            "first_order_on",
            kpi_segments(name),
            customers=pl.len(),
            repeating=count(wait <= timedelta(days=days)),
        )
        results.append(kpi_rows(name, repeat, "repeating", "customers"))
    for days in CLV_DAYS:
        name = f"clv_{days}d"
        old_enough = customers.filter(
            pl.col("first_order_on") <= shop.days_before_as_of(days)
        ).join(customer_margin(shop, days), on="customer_id", how="left")
        worth = rollup(
            old_enough,
            "first_order_on",
            kpi_segments(name),
            customers=pl.len(),
            margin=money_or_null("margin"),
        )
        results.append(kpi_rows(name, worth, "margin", "customers"))

    ahead = rollup(
        customers.join(expected_values(shop), on="customer_id", how="left"),
        "first_order_on",
        kpi_segments("clv_predicted_365d"),
        customers=pl.len(),
        value=pl.when(pl.col("expected_value").count() > 0).then(pl.col("expected_value").sum()),
    )
    results.append(kpi_rows("clv_predicted_365d", ahead, "value", "customers"))

    limit = shop.days_before_as_of(shop.variable("lapsed_after_days"))
    lapsing = rollup(
        customers.filter(pl.col("first_order_on") <= limit),
        "first_order_on",
        kpi_segments("lapsed_customer_rate"),
        customers=pl.len(),
        lapsed=count(pl.col("last_order_on") < limit),
    )
    results.append(kpi_rows("lapsed_customer_rate", lapsing, "lapsed", "customers"))
    return results
