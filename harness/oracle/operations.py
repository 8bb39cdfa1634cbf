"""The tables of operations, a second time: stages of delivery, and what is open in them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from .rollup import GRAINS, percentile, rollup, segment_expression
from .shop import Shop

STAGES = {
    "payment": "paid_at", "release": "released_at", "picking": "picked_at",
    "packing": "packed_at", "handover": "shipped_at", "transit": "delivered_at",
}  # fmt: skip
SEGMENTS = (
    "all", "carrier", "delivery_mode", "zone", "country_code", "warehouse",
    "carrier+delivery_mode", "carrier+delivery_mode+zone",
)  # fmt: skip
KEYS = ["period_grain", "period_start", "segment_type", "segment_value", "stage"]
DIMENSIONS = ["carrier", "delivery_mode", "zone", "country_code", "warehouse"]
LEFT = ("delivered", "lost", "returned")


def stage_rows(shop: Shop) -> pl.DataFrame:
    """Parcels stage by stage, walked through one after the other."""
    orders = shop.valid_orders.select("order_id", "ordered_at", "paid_at", "country_code", "zone")
    parcels = orders.select("order_id", "ordered_at", "paid_at").join(
        shop.shipments.drop("channel", "acquisition_cohort"), on="order_id", how="inner"
    )
    without = orders.join(parcels, on="order_id", how="anti")
    lines = pl.concat([parcels, without], how="diagonal")
    rows = []
    for line in lines.iter_rows(named=True):
        last, reached = line["ordered_at"], 0
        ended = []
        for number, (stage, column) in enumerate(STAGES.items(), 1):
            if line[column] is not None:
                ended.append((number, stage, last, line[column]))
                last, reached = line[column], number
        here = [line[name] for name in DIMENSIONS]
        rows.extend((*here, *stage) for stage in ended)
        if reached < len(STAGES) and line["status"] not in LEFT:
            number = max(reached + 1, 2)
            rows.append((*here, number, list(STAGES)[number - 1], last, None))
    return pl.DataFrame(
        rows,
        schema={
            **dict.fromkeys(DIMENSIONS, pl.String), "number": pl.Int64, "stage": pl.String,
            "started_at": pl.Datetime("us"), "ended_at": pl.Datetime("us"),
        },
        orient="row",
    ).with_columns(
        shop.day("started_at").alias("started_on"),
        shop.day("ended_at").alias("ended_on"),
        ((pl.col("ended_at") - pl.col("started_at")).dt.total_microseconds() / 3.6e9)
        .alias("hours"),
    )  # fmt: skip


def period_ends(first: date, last: date) -> list[tuple[str, date, date]]:
    """Every period that holds a day from first to last: grain, first and last day."""
    days = pl.DataFrame({"day": pl.date_range(first, last, "1d", eager=True)})
    periods = []
    for grain, step in GRAINS.items():
        starts = days.select(pl.col("day").dt.truncate(step).unique().alias("start"))
        ends = starts.with_columns(
            pl.col("start").dt.offset_by(step).dt.offset_by("-1d").alias("end")
        )
        periods.extend((grain, start, end) for start, end in ends.iter_rows())
    return periods


def open_rows(shop: Shop, rows: pl.DataFrame) -> pl.DataFrame:
    """What is in each stage at the end of each period: looked up anew for every period."""
    waits = rows.filter(
        pl.col("ended_on").is_null() | (pl.col("ended_on") > pl.col("started_on"))
    )
    schema = {
        "period_grain": pl.String, "period_start": pl.Date, "segment_type": pl.String,
        "segment_value": pl.String, "stage": pl.String, "open_shipments": pl.Int64,
        "average_open_hours": pl.Float64,
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    if waits.is_empty():
        return parts[0]
    for grain, start, end in period_ends(waits["started_on"].min(), shop.as_of):
        midnight = datetime.combine(min(end, shop.as_of) + timedelta(days=1), time())
        moment = (
            midnight.replace(tzinfo=ZoneInfo(shop.zone))
            .astimezone(ZoneInfo("UTC"))
            .replace(tzinfo=None)
        )
        here = waits.filter(
            pl.col("started_on") <= end, pl.col("ended_on").is_null() | (pl.col("ended_on") > end)
        ).with_columns(
            ((pl.lit(moment) - pl.col("started_at")).dt.total_microseconds() / 3.6e9).alias("age")
        )
        for segment_type in SEGMENTS if here.height else ():
            parts.append(
                here.group_by(segment_expression(segment_type).alias("segment_value"), "stage")
                .agg(pl.len().cast(pl.Int64).alias("open_shipments"),
                     pl.col("age").mean().alias("average_open_hours"))
                .select(pl.lit(grain).alias("period_grain"), pl.lit(start).alias("period_start"),
                        pl.lit(segment_type).alias("segment_type"), "segment_value", "stage",
                        "open_shipments", "average_open_hours")
            )  # fmt: skip
    return pl.concat(parts)


def delivery_performance(shop: Shop) -> pl.DataFrame:
    """The table of the same name; the bottleneck is the largest p90, ties: the first stage."""
    if shop.table("shipments").is_empty():
        return pl.DataFrame()
    rows = stage_rows(shop)
    done = pl.concat(
        rollup(
            rows.filter(pl.col("stage") == stage),
            "ended_on",
            SEGMENTS,
            shipments=pl.len().cast(pl.Int64),
            average_hours=pl.col("hours").mean(),
            p50_hours=percentile("hours", 0.5),
            p90_hours=percentile("hours", 0.9),
        ).with_columns(pl.lit(stage).alias("stage"))
        for stage in STAGES
    )
    table = done.join(open_rows(shop, rows), on=KEYS, how="full", coalesce=True)
    segment = KEYS[:4]
    number = pl.col("stage").replace_strict({s: n for n, s in enumerate(STAGES)})
    ranked = table.sort("p90_hours", number, descending=[True, False], nulls_last=True)
    first = pl.col("stage").first().over(segment)
    inside = pl.col("stage").is_in(["release", "picking", "packing", "handover"])
    first_inside = pl.col("stage").filter(inside).first().over(segment)
    total = pl.col("p90_hours").sum().over(segment)
    known = pl.col("p90_hours").is_not_null()
    return ranked.with_columns(
        pl.col("shipments", "open_shipments").fill_null(0),
        pl.when(known & (total != 0)).then(pl.col("p90_hours") / total).alias("share_of_total"),
        (known & (pl.col("stage") == first)).alias("is_bottleneck"),
        (known & (pl.col("stage") == first_inside)).fill_null(False)
        .alias("is_warehouse_bottleneck"),
    )  # fmt: skip
