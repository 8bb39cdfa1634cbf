"""Sales: what is sold, at what basket, with what promotion and delivery fee."""

from __future__ import annotations

import polars as pl

from .catalogue import SETS
from .raw import MONEY_UNITS
from .rollup import count, full_join, kpi_rows, kpi_segments, money, percentile, rollup
from .shop import Shop

IMPLEMENTED = (
    "orders", "gross_sales", "net_sales", "net_revenue", "gross_margin", "gross_margin_rate",
    "average_order_value", "median_order_value", "items_per_order", "discount_rate",
    "promotion_order_rate", "free_shipping_rate", "refund_rate", "multi_category_order_rate",
)  # fmt: skip


def ledger(shop: Shop) -> pl.DataFrame:
    """Sales on the order's day and refunds, negative, on their own.

    One row per line or refund; `revenue` for net_revenue; `margin` and `margin_revenue` only where
    the cost is known, else null (ruling 6, decision 11).
    """
    names = list(dict.fromkeys([*SETS["order"], *SETS["item"], "customer_id", "order_id"]))
    known = pl.col("unit_cost").is_not_null()
    sold = shop.items.select(
        *names,
        "day",
        pl.col("net_sales").alias("revenue"),
        pl.when(known).then(pl.col("net_sales")).alias("margin_revenue"),
        pl.when(known).then(pl.col("net_sales") - pl.col("cogs")).alias("margin"),
    )
    back = shop.refunds.select(
        *names,
        "day",
        (pl.col("amount") * -1).alias("revenue"),
        pl.when("has_cost").then(pl.col("amount") * -1).alias("margin_revenue"),
        pl.when("has_cost").then(pl.col("cost_back") - pl.col("amount")).alias("margin"),
    )
    return pl.concat([sold, back])


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All sales KPIs."""
    orders = rollup(
        shop.valid_orders.with_columns(
            (pl.col("net_sales").cast(pl.Float64) / MONEY_UNITS).alias("basket")
        ),
        "day",
        kpi_segments("orders"),
        orders=pl.len(),
        units=pl.col("units").sum(),
        net_sales=money("net_sales"),
        median=percentile("basket", 0.5),
        promoted=count(pl.col("promotion") == "with_promotion"),
        free=count(pl.col("shipping_fee") == "free"),
        with_fee_known=count(pl.col("shipping_fee") != "unknown"),
        multi_category=count(pl.col("categories") >= 2),
    )
    items = rollup(
        shop.items,
        "day",
        kpi_segments("net_sales"),
        gross_sales=money("gross_sales"),
        discounts=money("discounts"),
        net_sales=money("net_sales"),
        orders_with=pl.col("order_id").n_unique(),
    )
    refunds = rollup(
        shop.refunds, "order_day", kpi_segments("refund_rate"), refunded=money("amount")
    )
    books = rollup(
        ledger(shop),
        "day",
        kpi_segments("net_revenue"),
        revenue=money("revenue"),
        margin=money("margin"),
        margin_revenue=money("margin_revenue"),
        known=pl.col("margin").count(),
    )
    costed = books.filter(pl.col("known") > 0)
    sold_and_back = full_join(items, refunds).with_columns(
        pl.col("net_sales", "refunded").fill_null(0)
    )
    by_order = orders.filter(pl.col("segment_type") != "category")
    by_category = items.filter(pl.col("segment_type") == "category")
    return [
        kpi_rows("orders", orders, "orders"),
        kpi_rows("gross_sales", items, "gross_sales"),
        kpi_rows("net_sales", items, "net_sales"),
        kpi_rows("net_revenue", books, "revenue"),
        kpi_rows("gross_margin", costed, "margin"),
        kpi_rows("gross_margin_rate", costed, "margin", "margin_revenue"),
        kpi_rows("average_order_value", by_order, "net_sales", "orders"),
        kpi_rows("average_order_value", by_category, "net_sales", "orders_with"),
        kpi_rows("median_order_value", orders, None, "orders", "median"),
        kpi_rows("items_per_order", orders, "units", "orders"),
        kpi_rows("discount_rate", items, "discounts", "gross_sales"),
        kpi_rows("promotion_order_rate", orders, "promoted", "orders"),
        kpi_rows("free_shipping_rate", orders, "free", "with_fee_known"),
        kpi_rows("refund_rate", sold_and_back, "refunded", "net_sales"),
        kpi_rows("multi_category_order_rate", orders, "multi_category", "orders"),
    ]
