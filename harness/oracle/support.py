"""Support: forms, downloads, tickets and how fast they are answered."""

from __future__ import annotations

import polars as pl

from .rollup import count, full_join, kpi_rows, kpi_segments, percentile, rollup
from .sessions import session_facts
from .shop import Shop

IMPLEMENTED = (
    "form_completion_rate", "download_rate", "contact_rate", "first_response_hours",
    "resolution_hours",
)  # fmt: skip

HOUR_MICROS = 3_600_000_000


def forms(shop: Shop) -> pl.DataFrame:
    """One row per session and form that was started, on the session's day."""
    return (
        shop.events.filter(pl.col("event_name").is_in(["form_start", "form_submit"]))
        .group_by("session_id", "form_id")
        .agg(
            (pl.col("event_name") == "form_start").any().alias("started"),
            (pl.col("event_name") == "form_submit").any().alias("submitted"),
        )
        .filter("started")
        .join(shop.sessions.select("session_id", "day", "device_type", "channel"), on="session_id")
    )


def compute(shop: Shop) -> list[pl.DataFrame]:
    """All support KPIs."""
    filled = rollup(
        forms(shop),
        "day",
        kpi_segments("form_completion_rate"),
        started=pl.len(),
        submitted=count(pl.col("submitted")),
    )
    visits = rollup(
        session_facts(shop),
        "day",
        kpi_segments("download_rate"),
        sessions=pl.len(),
        downloading=count(pl.col("has_file_download")),
    )
    tickets = shop.table("tickets").with_columns(
        shop.day("opened_at").alias("day"),
        *(
            ((pl.col(moment) - pl.col("opened_at")).dt.total_microseconds() / HOUR_MICROS)
            .alias(name)
            for moment, name in (("first_response_at", "response"), ("resolved_at", "resolution"))
        ),
    )  # fmt: skip
    opened = rollup(
        tickets,
        "day",
        kpi_segments("first_response_hours"),
        tickets=pl.len(),
        answered=pl.col("response").count(),
        response=percentile("response", 0.5),
        resolved=pl.col("resolution").count(),
        resolution=percentile("resolution", 0.5),
    )
    orders = rollup(shop.valid_orders, "day", ["all"], orders=pl.len())
    contacts = full_join(opened.select("period_grain", "period_start", "segment_type",
                                       "segment_value", "tickets"), orders)  # fmt: skip
    contacts = contacts.with_columns(pl.col("tickets", "orders").fill_null(0))
    return [
        kpi_rows("form_completion_rate", filled, "submitted", "started"),
        kpi_rows("download_rate", visits, "downloading", "sessions"),
        kpi_rows("contact_rate", contacts, "tickets", "orders"),
        kpi_rows("first_response_hours", opened, None, "answered", "response"),
        kpi_rows("resolution_hours", opened, None, "resolved", "resolution"),
    ]
