"""Leads: how many, from where, at what cost, and what became of them."""

from __future__ import annotations

import polars as pl

from .rollup import count, full_join, kpi_rows, kpi_segments, money, percentile, rollup
from .sessions import session_facts
from .shop import Shop

IMPLEMENTED = (
    "leads", "visit_to_lead_rate", "lead_qualification_rate", "lead_conversion_rate",
    "cost_per_lead", "median_days_to_convert",
)  # fmt: skip

DAY_MICROS = 86_400_000_000


def lead_facts(shop: Shop) -> pl.DataFrame:
    """One row per lead; `channel` is its session's, else what the CRM says (ruling 18)."""
    of_session = shop.visits.select("session_id", pl.col("channel").alias("session_channel"))
    elapsed = pl.col("converted_at") - pl.col("created_at")
    return (
        shop.table("leads")
        .join(of_session, on="session_id", how="left")
        .with_columns(
            pl.coalesce("session_channel", "channel").alias("channel"),
            shop.day("created_at").alias("day"),
            (elapsed.dt.total_microseconds() / DAY_MICROS).alias("days"),
        )
        .with_columns(pl.col("day").dt.strftime("%Y-%m").alias("lead_cohort"))
    )


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All lead KPIs; the cost of a lead only where the shop has spend at all."""
    rolled = rollup(
        lead_facts(shop),
        "day",
        kpi_segments("leads"),
        leads=pl.len(),
        qualified=count(pl.col("qualified_at").is_not_null()),
        converted=count(pl.col("converted_at").is_not_null()),
        days=percentile("days", 0.5),
    )
    visits = rollup(
        session_facts(shop),
        "day",
        kpi_segments("visit_to_lead_rate"),
        sessions=pl.len(),
        with_lead=count(pl.col("leads") > 0),
    )
    results = [
        kpi_rows("leads", rolled, "leads"),
        kpi_rows("visit_to_lead_rate", visits, "with_lead", "sessions"),
        kpi_rows("lead_qualification_rate", rolled, "qualified", "leads"),
        kpi_rows("lead_conversion_rate", rolled, "converted", "leads"),
        kpi_rows("median_days_to_convert", rolled, None, "converted", "days"),
    ]
    if not shop.spend.is_empty():
        costs = rollup(shop.spend, "spend_date", kpi_segments("cost_per_lead"), cost=money("cost"))
        both = full_join(costs, rolled).with_columns(pl.col("cost", "leads").fill_null(0))
        results.append(kpi_rows("cost_per_lead", both, "cost", "leads"))
    return results
