"""Inventory: turnover, cover, stock-outs, value, sell-through, and the forecast's error.

"The period's snapshot days" are the days of the period on which the shop has any snapshot: the
segments of a period share them, so that their stock values add up to the whole.
"""

from __future__ import annotations

import polars as pl

from .forecast import forecasts
from .rollup import (
    GRAINS,
    KEYS,
    count,
    full_join,
    kpi_rows,
    kpi_segments,
    money,
    rollup,
)
from .shop import Shop, convert

IMPLEMENTED = (
    "stock_turnover", "days_of_inventory", "stockout_rate", "stock_value", "sell_through_rate",
    "forecast_wape",
)  # fmt: skip

DAYS_OF_YEAR = 365


def snapshots(shop: Shop) -> pl.DataFrame:
    """One row per day, warehouse and product: segments, stock value at cost, on sale or not.

    The unit cost is the snapshot's, else the product's, in the product's currency at the day's
    rate; where it is unknown the row has no value (ruling 6, decision 4).
    """
    products = shop.table("products").select(
        "product_id", "category", "brand", "launched_on", "discontinued_on",
        pl.col("unit_cost").alias("product_cost"), "currency",
    )  # fmt: skip
    stock = shop.table("inventory_snapshots").join(products, on="product_id", how="left")
    stock = shop.raw.rates.lookup(stock, "currency", "snapshot_date", "rate")
    stock = convert(
        stock.with_columns(pl.coalesce("unit_cost", "product_cost").alias("cost")), "rate", "cost"
    )
    day = pl.col("snapshot_date")
    on_sale = (day >= pl.col("launched_on")).fill_null(True) & (
        day <= pl.col("discontinued_on")
    ).fill_null(True)
    return stock.with_columns(
        pl.col("warehouse_id").alias("warehouse"),
        (pl.col("on_hand") * pl.col("cost")).alias("stock_value"),
        on_sale.alias("is_on_sale"),
    )


def net_sold(shop: Shop) -> pl.DataFrame:
    """Lines of valid orders with units sold and `cogs_kept`: cost without units ever refunded."""
    back = (
        shop.base_refunds.filter(pl.col("order_item_id").is_not_null())
        .group_by("order_item_id")
        .agg(pl.col("units").sum().alias("returned"))
    )
    kept = pl.col("quantity") - pl.col("returned").fill_null(0)
    return shop.items.join(back, on="order_item_id", how="left").with_columns(
        (kept * pl.col("unit_cost")).alias("cogs_kept")
    )


def last_day_rows(stock: pl.DataFrame, grain: str) -> pl.DataFrame:
    """The snapshots of the last snapshot day of each period."""
    period = pl.col("snapshot_date").dt.truncate(GRAINS[grain])
    return stock.filter(
        pl.col("snapshot_date") == pl.col("snapshot_date").max().over(period.alias("period"))
    )


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All inventory KPIs."""
    stock, sold = snapshots(shop), net_sold(shop)
    segments = kpi_segments("stock_value")

    held = rollup(
        stock,
        "snapshot_date",
        segments,
        value_days=money("stock_value"),
        out=count(pl.col("is_on_sale") & (pl.col("on_hand") == 0)),
        watched=count(pl.col("is_on_sale")),
    )
    days = rollup(
        stock, "snapshot_date", ["all"], snapshot_days=pl.col("snapshot_date").n_unique()
    ).select("period_grain", "period_start", "snapshot_days")
    at_end = pl.concat(
        rollup(
            last_day_rows(stock, grain),
            "snapshot_date",
            segments,
            grains=[grain],
            end_value=money("stock_value"),
            end_units=pl.col("on_hand").sum(),
        )
        for grain in GRAINS
    )
    used = rollup(sold, "day", segments, cogs=money("cogs_kept"), units=pl.col("quantity").sum())

    turning = (
        full_join(held, used)
        .join(days, on=["period_grain", "period_start"], how="inner")
        .with_columns(
            (pl.col("cogs").fill_null(0) * DAYS_OF_YEAR / pl.col("snapshot_days")).alias("yearly"),
            (pl.col("value_days").fill_null(0) / pl.col("snapshot_days")).alias("mean_value"),
        )
        .filter((pl.col("yearly") != 0) | (pl.col("mean_value") != 0))
        .with_columns(
            pl.when(pl.col("mean_value") != 0)
            .then(pl.col("yearly") / pl.col("mean_value"))
            .alias("turnover")
        )
    )
    selling = (
        full_join(used.select(*KEYS, "units"), at_end.select(*KEYS, "end_units"))
        .join(days, on=["period_grain", "period_start"], how="left")
        .with_columns(pl.col("units").fill_null(0))
        .with_columns(
            pl.when(pl.col("snapshot_days") > 0)
            .then(pl.col("units") + pl.col("end_units").fill_null(0))
            .alias("available")
        )
    )
    # "the 28 days up to as_of, forecast from the day before them, booked on the forecast day"
    judged = rollup(
        forecasts(shop, [1]),
        "forecast_date",
        kpi_segments("forecast_wape"),
        error=(pl.col("units_sold") - pl.col("forecast_units")).abs().sum(),
        units=pl.col("units_sold").sum(),
    )
    return [
        kpi_rows("stock_turnover", turning, "yearly", "mean_value"),
        kpi_rows("days_of_inventory", turning, pl.lit(float(DAYS_OF_YEAR)), "turnover"),
        kpi_rows("stockout_rate", held, "out", "watched"),
        kpi_rows("stock_value", at_end, "end_value"),
        kpi_rows("sell_through_rate", selling, "units", "available"),
        kpi_rows("forecast_wape", judged, "error", "units"),
    ]
