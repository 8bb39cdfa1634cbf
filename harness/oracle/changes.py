"""What moved sales, and which days left their range: drivers, mix and anomalies, a second time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import log, log1p

import numpy as np
import polars as pl

from .rollup import GRAINS, count, distinct, full_join, money, rollup
from .shop import Shop
from .steering import BACK, SERIES, UNDIVIDED, YEAR_BACK

SEGMENT_TYPES = ("all", "channel", "device_type")
PERIOD = ["period_grain", "period_start", "comparison", "segment_type", "segment_value"]
SIDE = ["visitors", "orders", "sales", "orders_without", "sales_without"]
DRIVERS = ("visitors", "orders_per_visitor", "average_order_value", "orders_without_session")
MIX_DRIVERS = ("visitors", "mix", "orders_per_visitor", "average_order_value")


# ---- drivers of sales ----------------------------------------------------------------------


def logarithmic_mean(a: float, b: float) -> float:
    """Of two positive numbers; by log1p, or near equality nothing would be left of the digits."""
    return a if a == b else (a - b) / log1p((a - b) / b)


def split(now: Sequence[float], before: Sequence[float]) -> list[float]:
    """The change of the last quantity, shared out among its factors.

    Each quantity divided by the one before it is a factor, the first stands for itself; the last
    three are visitors, orders and sales. Contributions add up to the change of sales.
    """
    change = now[-1] - before[-1]
    # orders without a visitor have no orders per visitor: they count themselves
    skipped = 0
    if any(side[-2] > 0 and side[-3] == 0 for side in (now, before)):
        skipped = len(now) - 2
        now, before = now[skipped:], before[skipped:]
    shares = [0.0] * len(now)
    if now[-1] > 0 and before[-1] > 0:
        weight, earlier = logarithmic_mean(now[-1], before[-1]), 0.0
        for place, (x1, x0) in enumerate(zip(now, before, strict=True)):
            growth = log(x1 / x0)
            shares[place], earlier = weight * (growth - earlier), growth
    elif change:
        empty = now if now[-1] == 0 else before
        shares[list(empty).index(0)] = change
    return [0.0] * skipped + shares


def sides(shop: Shop) -> pl.DataFrame:
    """Visitors, orders and sales of each period and segment."""
    visits = shop.visits.with_columns(pl.col("visitor_id").rank("dense").alias("visitor"))
    came = rollup(visits, "day", SEGMENT_TYPES, visitors=distinct("visitor"))
    in_visit = pl.col("visit_id").is_not_null()
    bought = rollup(
        shop.valid_orders,
        "day",
        SEGMENT_TYPES,
        orders=count(in_visit),
        sales=money(pl.col("net_sales").filter(in_visit)),
        orders_without=count(~in_visit),
        sales_without=money(pl.col("net_sales").filter(~in_visit)),
    )
    return full_join(came, bought).with_columns(pl.col(SIDE).fill_null(0).cast(pl.Float64))


def first_day_of(shop: Shop) -> date | None:
    """The shop's first day with a session or an order."""
    days = (shop.visits["day"].min(), shop.valid_orders["day"].min())
    return min((day for day in days if day is not None), default=None)


def compared_periods(first: date, as_of: date) -> pl.DataFrame:
    """Each period up to as_of beside the one it is compared with, none before the first day."""
    parts = []
    for grain, step in GRAINS.items():
        starts = pl.DataFrame({"day": pl.date_range(first, as_of, "1d", eager=True)}).select(
            pl.col("day").dt.truncate(step).unique().alias("period_start")
        )
        parts.extend(
            starts.select(
                pl.lit(grain).alias("period_grain"),
                "period_start",
                pl.lit(comparison).alias("comparison"),
                pl.col("period_start").dt.offset_by(back[grain]).alias("then"),
            )
            for comparison, back in (("previous_period", BACK), ("year_ago", YEAR_BACK))
        )
    return pl.concat(parts).filter(pl.col("then") >= first)


def paired_sides(shop: Shop) -> pl.DataFrame:
    """Both sides of every comparison, 0 where a side has nothing; the other's end in _before."""
    every, first = sides(shop), first_day_of(shop)
    calendar = compared_periods(first or shop.as_of, shop.as_of)
    other = every.rename({"period_start": "then", **{name: f"{name}_before" for name in SIDE}})
    segment = ["segment_type", "segment_value"]
    now = calendar.join(every, on=["period_grain", "period_start"], how="inner")
    then = calendar.join(other, on=["period_grain", "then"], how="inner")
    return now.join(
        then, on=["period_grain", "period_start", "comparison", "then", *segment],
        how="full", coalesce=True,
    ).with_columns(
        pl.col(SIDE).fill_null(0), pl.col([f"{name}_before" for name in SIDE]).fill_null(0)
    )  # fmt: skip


def ratio(part: float, whole: float) -> float | None:
    """A zero denominator gives no value."""
    return part / whole if whole else None


def as_table(rows: list[tuple]) -> pl.DataFrame:
    """Rows of period, driver, value, previous value and contribution."""
    schema = dict.fromkeys(PERIOD, pl.String) | {"period_start": pl.Date, "driver": pl.String}
    numbers = dict.fromkeys(("value", "previous_value", "contribution"), pl.Float64)
    return pl.DataFrame(rows, schema=schema | numbers, orient="row")


def revenue_drivers(shop: Shop) -> pl.DataFrame:
    """The change of net sales by visitors, orders per visitor, basket, and orders apart."""
    rows = []
    for row in paired_sides(shop).iter_rows(named=True):
        values, chains = [], []
        for end in ("", "_before"):
            visitors, orders, sales, without, apart = (row[f"{name}{end}"] for name in SIDE)
            chains.append((visitors, orders, sales))
            values.append((visitors, ratio(orders, visitors), ratio(sales, orders), apart))
        if not any(row[f"{name}{end}"] for name in SIDE for end in ("", "_before")):
            continue
        now, before = values
        shares = [*split(*chains), now[-1] - before[-1]]
        key = [row[name] for name in PERIOD]
        rows.extend((*key, *line) for line in zip(DRIVERS, now, before, shares, strict=True))
    return as_table(rows)


def revenue_mix_effects(shop: Shop) -> pl.DataFrame:
    """The same for sales with a session, the traffic's size apart from its mix."""
    parts = PERIOD[:-1]
    both = paired_sides(shop).filter(pl.col("segment_type") != "all")
    rows = []
    for row in both.with_columns(
        pl.col("visitors").sum().over(parts).alias("total"),
        pl.col("visitors_before").sum().over(parts).alias("total_before"),
    ).iter_rows(named=True):
        values, chains = [], []
        for end in ("", "_before"):
            total, visitors, orders, sales = (
                row[f"{name}{end}"] for name in ("total", "visitors", "orders", "sales")
            )
            chains.append((total, visitors, orders, sales))
            values.append(
                (total, ratio(visitors, total), ratio(orders, visitors), ratio(sales, orders))
            )
        if not any(any(chain[1:]) for chain in chains):
            continue
        key = [row[name] for name in PERIOD]
        lines = zip(MIX_DRIVERS, *values, split(*chains), strict=True)
        rows.extend((*key, *line) for line in lines)
    return as_table(rows)


# ---- anomalies -----------------------------------------------------------------------------


def before(values: np.ndarray, days: int) -> np.ndarray:
    """For each day the values of the days before it, itself left out."""
    padded = np.concatenate([np.full(days, np.nan), values])[:-1]
    return np.lib.stride_tricks.sliding_window_view(padded, days)


def same_weekdays_before(values: np.ndarray, weeks: int) -> np.ndarray:
    """For each day the values of the same weekday in the weeks before it."""
    return before(values, 7 * weeks)[:, ::7]


def medians(windows: np.ndarray, least: int) -> np.ndarray:
    """The median of each window, where it holds enough values."""
    result = np.full(len(windows), np.nan)
    enough = (~np.isnan(windows)).sum(axis=1) >= least
    if enough.any():
        result[enough] = np.nanmedian(windows[enough], axis=1)
    return result


def anomalies_of(values: np.ndarray, threshold: float, is_sum: bool) -> list[tuple]:
    """Day, value, expected value, limits, score, whether an anomaly. A day without value is nan."""
    positive = values > 0
    logs = np.full(len(values), np.nan)
    logs[positive] = np.log(values[positive])
    level = medians(before(logs, 28), 25)
    weekday = medians(same_weekdays_before(logs - level, 8), 6)
    residual = logs - level - weekday
    deviations = before(np.abs(residual), 56)
    spread = 1.4826 * np.maximum(medians(deviations, 50), 0.01)
    never_zero = (~np.isnan(deviations)).all(axis=1)
    rows = []
    for day in range(120, len(values)):
        middle, width = level[day] + weekday[day], threshold * spread[day]
        if np.isnan(middle + width) or np.isnan(values[day]):
            continue
        if not positive[day] and not (is_sum and never_zero[day]):
            continue
        score = float(residual[day] / spread[day]) if positive[day] else None
        rows.append((
            day, float(values[day]), float(np.exp(middle)), float(np.exp(middle - width)),
            float(np.exp(middle + width)), score, score is None or abs(score) > threshold,
        ))  # fmt: skip
    return rows


def anomalies(kpi_values: pl.DataFrame, as_of: date, threshold: float = 3.5) -> pl.DataFrame:
    """The scored days of every series, and the days at 0 of those that are never 0."""
    undivided = list(UNDIVIDED)
    days = kpi_values.filter(
        pl.col("period_grain") == "day",
        pl.col("period_start") <= as_of,
        (pl.col("segment_type") == "all")
        | (pl.col("kpi").is_in(undivided)
           & pl.col("segment_type").is_in(["channel", "device_type", "country_code"])),
    )  # fmt: skip
    rows = []
    for key, part in days.group_by(SERIES):
        first = part["period_start"].min()
        length = (as_of - first).days + 1
        values = np.full(length, 0.0 if key[0] in undivided else np.nan)
        for day, value in part.select("period_start", "value").iter_rows():
            values[(day - first).days] = np.nan if value is None else value
        calendar = pl.date_range(first, as_of, "1d", eager=True).to_list()
        for day, value, expected, *others in anomalies_of(values, threshold, key[0] in undivided):
            direction = "up" if value - expected > 1e-9 * expected else "down"
            rows.append((*key, calendar[day], value, expected, *others, direction))
    return pl.DataFrame(
        rows,
        schema={
            **dict.fromkeys(SERIES, pl.String), "period_start": pl.Date, "value": pl.Float64,
            "expected_value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64,
            "score": pl.Float64, "is_anomaly": pl.Boolean, "direction": pl.String,
        },
        orient="row",
    )  # fmt: skip
