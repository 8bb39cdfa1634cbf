"""Attribution: which touches an order owes its sales to (rulings 33 and 34).

The data-driven model is a first-order Markov chain over channels, solved exactly. The removal
effect of a channel is the share of conversions lost when every path that enters it ends there in
nothing (Anderl et al. 2016). With N = (I - Q)^-1 and u the chance to convert from each state,

    removal_effect(c) = N[start, c] / N[c, c] * u[c] / u[start]

because a path from the start reaches c with probability N[start, c] / N[c, c].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from .raw import MONEY_UNITS
from .shop import Shop

START, CONVERSION, NOTHING = "(start)", "(conversion)", "(null)"


def removal_effects(paths: Iterable[tuple[tuple[str, ...], float, float]]) -> dict[str, float]:
    """Removal effect of each channel; a path is (channels, conversions, nulls)."""
    moves: Counter[tuple[str, str]] = Counter()
    for channels, conversions, nulls in paths:
        if not channels:
            continue
        steps = (START, *channels)
        for here, there in pairwise(steps):
            moves[here, there] += conversions + nulls
        moves[channels[-1], CONVERSION] += conversions
        moves[channels[-1], NOTHING] += nulls
    channels = sorted({here for here, _ in moves} - {START})
    if not channels:
        return {}
    position = {state: index for index, state in enumerate([START, *channels])}
    size = len(position)
    between, converting, leaving = np.zeros((size, size)), np.zeros(size), np.zeros(size)
    for (here, there), weight in moves.items():
        leaving[position[here]] += weight
        if there == CONVERSION:
            converting[position[here]] += weight
        elif there != NOTHING:
            between[position[here], position[there]] += weight
    between /= leaving[:, None]
    converting /= leaving
    visits = np.linalg.inv(np.eye(size) - between)
    chance = visits @ converting
    if chance[0] == 0:
        return dict.fromkeys(channels, 0.0)
    return {
        channel: float(visits[0, index] / visits[index, index] * chance[index] / chance[0])
        for channel, index in position.items()
        if channel != START
    }


def order_touches(shop: Shop) -> pl.DataFrame:
    """Touches of the valid orders that have a session; an order without one has no touch."""
    with_session = shop.valid_orders.filter(pl.col("visit_id").is_not_null())
    return shop.touches_of(with_session)


def null_paths(shop: Shop) -> pl.DataFrame:
    """Touches that led to nothing: after a visitor's last order, or of one who has none.

    One path a visitor, over the window up to the last of those touches, nothing after as_of.
    """
    window = timedelta(days=shop.variable("attribution_window_days"))
    bought = (
        shop.valid_orders.filter(pl.col("visitor_id").is_not_null(), pl.col("day") <= shop.as_of)
        .group_by("visitor_id")
        .agg(pl.col("ordered_at").max().alias("last_order_at"))
    )
    return (
        shop.visits.filter(pl.col("day") <= shop.as_of)
        .join(bought, on="visitor_id", how="left")
        .filter(
            pl.col("last_order_at").is_null() | (pl.col("started_at") > pl.col("last_order_at"))
        )
        .filter(pl.col("started_at") >= pl.col("started_at").max().over("visitor_id") - window)
        .sort("visitor_id", "started_at", "session_id")
    )


def channel_effects(shop: Shop) -> dict[str, float]:
    """The fitted chain: removal effect by channel, on all data up to as_of."""
    past = shop.valid_orders.filter(pl.col("day") <= shop.as_of).select("order_id")
    won = (
        order_touches(shop)
        .join(past, on="order_id", how="semi")
        .sort("order_id", "started_at", "session_id")
        .group_by("order_id", maintain_order=True)
        .agg("channel")
    )
    lost = null_paths(shop).group_by("visitor_id", maintain_order=True).agg("channel")
    paths = Counter((tuple(path), True) for path in won["channel"].to_list())
    paths.update((tuple(path), False) for path in lost["channel"].to_list())
    return removal_effects(
        (path, number if is_won else 0, 0 if is_won else number)
        for (path, is_won), number in paths.items()
    )


def attributed_sales(shop: Shop) -> pl.DataFrame:
    """net_sales by order and channel, on the order's day: `last_click` and `data_driven`.

    Orders without a touch are under channel `unknown`, so that the channels add up to all sales.
    """
    touches = order_touches(shop)
    effects = channel_effects(shop)
    scored = touches.with_columns(
        pl.col("channel")
        .replace_strict(effects, default=0.0, return_dtype=pl.Float64)
        .alias("effect")
    ).with_columns(
        pl.col("effect").sum().over("order_id").alias("total"), pl.len().over("order_id").alias("n")
    )
    weighted = (
        scored.with_columns(
            pl.when(pl.col("total") > 0)
            .then(pl.col("effect") / pl.col("total"))
            .otherwise(1.0 / pl.col("n"))
            .alias("weight")
        )
        .group_by("order_id", "channel")
        .agg(pl.col("weight").sum())
    )
    orders = shop.valid_orders.select(
        "order_id", "day", (pl.col("net_sales").cast(pl.Float64) / MONEY_UNITS).alias("net_sales")
    )
    last = orders.join(shop.last_non_direct(touches), on="order_id", how="left").select(
        "day",
        pl.col("last_non_direct").fill_null("unknown").alias("channel"),
        pl.col("net_sales").alias("last_click"),
        pl.lit(0.0).alias("data_driven"),
    )
    shared = orders.join(weighted, on="order_id", how="left").select(
        "day",
        pl.col("channel").fill_null("unknown"),
        pl.lit(0.0).alias("last_click"),
        (pl.col("net_sales") * pl.col("weight").fill_null(1.0)).alias("data_driven"),
    )
    return pl.concat([last, shared])
