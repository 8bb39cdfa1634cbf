"""What happened in each session: the shared ground of conversion, cart, content and support."""

from __future__ import annotations

import polars as pl

from .shop import Shop


def session_facts(shop: Shop) -> pl.DataFrame:
    """One row per session that is not a bot's: segments, orders, leads, events; made once."""
    if "session_facts" not in shop.kept:
        shop.kept["session_facts"] = make_session_facts(shop)
    return shop.kept["session_facts"]


def make_session_facts(shop: Shop) -> pl.DataFrame:
    """The frame of `session_facts`."""

    def seen(event: str) -> pl.Expr:
        return (pl.col("event_name") == event).any().alias(f"has_{event}")

    def value_of(event: str) -> pl.Expr:
        return pl.col("value").filter(pl.col("event_name") == event).sum()

    events = shop.events.group_by("session_id").agg(
        *(seen(event) for event in ("view_item", "add_to_cart", "begin_checkout", "file_download")),
        (pl.col("event_name") == "page_view").sum().cast(pl.Int64).alias("page_views"),
        pl.col("engagement_seconds").sum().alias("engagement"),
        (value_of("add_to_cart") - value_of("remove_from_cart")).clip(0).alias("cart_value"),
    )
    leads = (
        shop.table("leads")
        .filter(pl.col("session_id").is_not_null())
        .group_by("session_id")
        .agg(pl.len().alias("leads"))
    )
    flags = ["has_view_item", "has_add_to_cart", "has_begin_checkout", "has_file_download"]
    return (
        shop.sessions.join(events, on="session_id", how="left")
        .join(leads, on="session_id", how="left")
        .with_columns(
            pl.col(flags).fill_null(False),
            pl.col("page_views", "engagement", "cart_value", "leads").fill_null(0),
            (pl.col("orders") > 0).alias("has_order"),
        )
    )
