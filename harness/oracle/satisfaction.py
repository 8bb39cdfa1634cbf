"""Satisfaction: answers, complaints and returns."""

from __future__ import annotations

import polars as pl

from .fulfilment import complaining_orders
from .rollup import count, full_join, kpi_rows, kpi_segments, rollup
from .shop import Shop

IMPLEMENTED = ("nps", "csat", "survey_response_rate", "complaint_rate", "return_rate")

DELIVERY_SEGMENTS = [
    "carrier", "delivery_mode", "zone", "country_code", "warehouse", "channel",
    "acquisition_cohort",
]  # fmt: skip


def surveys(shop: Shop) -> pl.DataFrame:
    """Surveys with the delivery segments of their order, else of their customer (20, 25)."""
    of_order = shop.orders.select(
        "order_id", *(pl.col(name).alias(f"o_{name}") for name in DELIVERY_SEGMENTS)
    )
    homes = shop.customer_homes.select(
        "customer_id",
        pl.col("country_code").alias("c_country_code"),
        pl.col("zone").alias("c_zone"),
    )
    cohorts = shop.customers.select(
        "customer_id", pl.col("acquisition_cohort").alias("c_acquisition_cohort")
    )
    frame = (
        shop.table("surveys")
        .join(of_order, on="order_id", how="left")
        .join(homes, on="customer_id", how="left")
        .join(cohorts, on="customer_id", how="left")
    )
    alone = pl.col("order_id").is_null()
    of_customer = ("zone", "country_code", "acquisition_cohort")
    return frame.with_columns(
        *(
            pl.when(alone)
            .then(pl.col(f"c_{name}") if name in of_customer else pl.lit(None, dtype=pl.String))
            .otherwise(pl.col(f"o_{name}"))
            .alias(name)
            for name in DELIVERY_SEGMENTS
        ),
        shop.day("sent_at").alias("sent_on"),
        shop.day("responded_at").alias("responded_on"),
    )


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All satisfaction KPIs."""
    asked = surveys(shop)
    is_nps, is_csat = pl.col("survey_type") == "nps", pl.col("survey_type") == "csat"
    score = pl.col("score")
    answered = asked.filter(pl.col("responded_at").is_not_null(), score.is_not_null())
    answers = rollup(
        answered,
        "responded_on",
        kpi_segments("nps"),
        promoters=count(is_nps & (score >= 9)),
        detractors=count(is_nps & (score <= 6)),
        nps_answers=count(is_nps),
        satisfied=count(is_csat & (score >= 4)),
        csat_answers=count(is_csat),
    )
    sent = rollup(
        asked,
        "sent_on",
        kpi_segments("survey_response_rate"),
        sent=pl.len(),
        answered=count(pl.col("responded_at").is_not_null()),
    )

    complaints = complaining_orders(shop).with_columns(pl.lit(True).alias("is_complained"))
    reached = (
        shop.valid_orders.join(shop.order_delivery, on="order_id", how="inner")
        .filter(pl.col("delivered") > 0)
        .with_columns(shop.day("first_delivered_at").alias("booked_on"))
        .join(complaints, on="order_id", how="left")
    )
    delivered = rollup(
        reached,
        "booked_on",
        kpi_segments("complaint_rate"),
        orders=pl.len(),
        complained=count(pl.col("is_complained")),
    )

    sold = rollup(shop.items, "day", kpi_segments("return_rate"), units=pl.col("quantity").sum())
    back = rollup(
        shop.refunds, "order_day", kpi_segments("return_rate"), returned=pl.col("units").sum()
    )
    units = full_join(sold, back).with_columns(pl.col("units", "returned").fill_null(0))
    net = pl.col("promoters") - pl.col("detractors")
    return [
        kpi_rows("nps", answers, net, "nps_answers"),
        kpi_rows("csat", answers, "satisfied", "csat_answers"),
        kpi_rows("survey_response_rate", sent, "answered", "sent"),
        kpi_rows("complaint_rate", delivered, "complained", "orders"),
        kpi_rows("return_rate", units, "returned", "units"),
    ]
