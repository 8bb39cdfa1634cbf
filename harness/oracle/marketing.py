"""Marketing: the cost of acquisition, raw and adjusted performance.

A shop without any row of spend has none of these KPIs (ruling 18). Where it has some, a channel or
a country without spend counts with a cost of zero.
"""

from __future__ import annotations

import polars as pl

from .attribution import attributed_sales
from .customers import customer_margin
from .rollup import (
    GRAINS,
    KEYS,
    full_join,
    kpi_rows,
    kpi_segments,
    money,
    money_or_null,
    rollup,
)
from .sales import ledger
from .shop import Shop

IMPLEMENTED = (
    "ad_spend", "click_through_rate", "cost_per_click", "customer_acquisition_cost",
    "paid_customer_acquisition_cost", "ltv_to_cac", "roas_platform", "cost_per_order",
    "roas_last_click", "roas_data_driven", "platform_overclaim", "marketing_efficiency_ratio",
)  # fmt: skip

LTV_DAYS = 365


def renamed(rolled: pl.DataFrame, old: str, new: str) -> pl.DataFrame:
    """The same rollup with one segment type under another name."""
    return rolled.with_columns(pl.col("segment_type").replace({old: new}))


def by_month_only(rolled: pl.DataFrame) -> pl.DataFrame:
    """A cohort has its month's spend, so its cost exists at month grain only (ruling 28)."""
    is_cohort = pl.col("segment_type") == "acquisition_cohort"
    return rolled.filter(~is_cohort | (pl.col("period_grain") == "month"))


def costs_by_everything(shop: Shop) -> pl.DataFrame:
    """Spend by period and every segment that spend has; cohort = the month of the spend."""
    spend = shop.spend.with_columns(
        pl.col("spend_date").dt.strftime("%Y-%m").alias("acquisition_cohort")
    )
    return by_month_only(
        rollup(
            spend,
            "spend_date",
            ["all", "channel", "platform", "country_code", "acquisition_cohort"],
            cost=money("cost"),
            impressions=pl.col("impressions").sum(),
            clicks=pl.col("clicks").sum(),
            claimed=money("platform_conversion_value"),
        )
    )


def paid_newcomers(shop: Shop) -> pl.DataFrame:
    """New customers whose acquisition channel has spend, anywhere, in the same period."""
    parts = []
    for grain, step in GRAINS.items():
        spending = (
            shop.spend.filter(pl.col("cost") > 0)
            .select(
                pl.col("spend_date").dt.truncate(step).alias("period"),
                pl.col("channel").alias("acquisition_channel"),
            )
            .unique()
        )
        newcomers = shop.customers.with_columns(
            pl.col("first_order_on").dt.truncate(step).alias("period")
        ).join(spending, on=["period", "acquisition_channel"], how="semi")
        parts.append(
            rollup(
                newcomers,
                "first_order_on",
                kpi_segments("paid_customer_acquisition_cost"),
                grains=[grain],
                newcomers=pl.len(),
            )
        )
    return by_month_only(pl.concat(parts))


def lifetime_against_cost(shop: Shop, costs: pl.DataFrame) -> pl.DataFrame:
    """365-day margin of a period's new customers beside the spend of that period (ruling 28)."""
    customers = shop.customers.join(customer_margin(shop, LTV_DAYS), on="customer_id", how="left")
    worth = by_month_only(
        rollup(
            customers,
            "first_order_on",
            kpi_segments("ltv_to_cac"),
            margin=money_or_null("margin"),
        )
    )
    both = full_join(
        worth, renamed(costs, "channel", "acquisition_channel").select(*KEYS, "cost")
    ).with_columns(pl.col("cost").fill_null(0))
    last_day = pl.coalesce(
        pl.when(pl.col("period_grain") == grain).then(pl.col("period_start").dt.offset_by(step))
        for grain, step in GRAINS.items()
    ).dt.offset_by("-1d")
    return both.filter(last_day <= shop.days_before_as_of(LTV_DAYS))


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All marketing KPIs."""
    if shop.spend.is_empty():
        return []
    costs = costs_by_everything(shop)
    cost = costs.select(*KEYS, "cost")

    newcomers = by_month_only(
        renamed(
            rollup(
                shop.customers,
                "first_order_on",
                ["all", "acquisition_channel", "country_code", "acquisition_cohort"],
                newcomers=pl.len(),
            ),
            "acquisition_channel",
            "channel",
        )
    )
    acquisition = full_join(cost, newcomers).with_columns(pl.col("cost", "newcomers").fill_null(0))
    paid = full_join(cost, paid_newcomers(shop)).with_columns(
        pl.col("cost", "newcomers").fill_null(0)
    )
    orders = rollup(shop.valid_orders, "day", kpi_segments("cost_per_order"), orders=pl.len())
    per_order = full_join(cost, orders).with_columns(pl.col("cost", "orders").fill_null(0))
    credited = rollup(
        attributed_sales(shop),
        "day",
        ["all", "channel"],
        last_click=pl.col("last_click").sum(),
        data_driven=pl.col("data_driven").sum(),
    )
    returns = full_join(costs.select(*KEYS, "cost", "claimed"), credited).with_columns(
        pl.col("cost", "claimed", "last_click", "data_driven").fill_null(0)
    )
    revenue = rollup(ledger(shop), "day", ["all", "country_code"], revenue=money("revenue"))
    efficiency = full_join(cost, revenue).with_columns(pl.col("cost", "revenue").fill_null(0))
    lifetime = lifetime_against_cost(shop, costs)
    return [
        kpi_rows("ad_spend", costs, "cost"),
        kpi_rows("click_through_rate", costs, "clicks", "impressions"),
        kpi_rows("cost_per_click", costs, "cost", "clicks"),
        kpi_rows("customer_acquisition_cost", acquisition, "cost", "newcomers"),
        kpi_rows("paid_customer_acquisition_cost", paid, "cost", "newcomers"),
        kpi_rows("ltv_to_cac", lifetime, "margin", "cost"),
        kpi_rows("roas_platform", costs, "claimed", "cost"),
        kpi_rows("cost_per_order", per_order, "cost", "orders"),
        kpi_rows("roas_last_click", returns, "last_click", "cost"),
        kpi_rows("roas_data_driven", returns, "data_driven", "cost"),
        kpi_rows("platform_overclaim", returns, "claimed", "data_driven"),
        kpi_rows("marketing_efficiency_ratio", efficiency, "revenue", "cost"),
    ]
