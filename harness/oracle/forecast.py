"""The demand forecast and its backtests, product by product, on a matrix of products x days.

Regular products: the mean of the last four same weekdays of the base, within eight weeks. Slow
movers: the mean of the base's days of 26 weeks. The base leaves out days off sale, days out of
stock and days on which the shop discounted more than usual (docs/decisions.md, Operations).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import polars as pl

from .raw import MONEY_UNITS
from .shop import Shop

HORIZON, BASE_DAYS, WEEKDAY_DAYS, BACKTESTS = 28, 182, 56, 4


@dataclass
class Demand:
    """Products by days, oldest first; the last day is as_of."""

    products: list[str]
    categories: list[str]
    days: list[date]
    units: np.ndarray
    on_sale: np.ndarray
    out_of_stock: np.ndarray
    promotion: np.ndarray
    launched: list[date | None]
    discontinued: list[date | None]

    @property
    def base(self) -> np.ndarray:
        return self.on_sale & ~self.out_of_stock & ~self.promotion[None, :]


def sold_on(launched: date | None, discontinued: date | None, day: date) -> bool:
    """On sale: launched_on <= day <= discontinued_on, null is open (ruling 29)."""
    return (launched is None or launched <= day) and (discontinued is None or day <= discontinued)


def promotion_days(shop: Shop) -> set[date]:
    """Days whose discount rate is well above the median of the 182 days up to them."""
    per_day: dict[date, list[int]] = {}
    lines = shop.base_items.filter("is_valid").select("day", "discounts", "gross_sales")
    for day, discount, gross in lines.iter_rows():
        sums = per_day.setdefault(day, [0, 0])
        sums[0] += discount
        sums[1] += gross
    rates = {
        day: (off / MONEY_UNITS) / (gross / MONEY_UNITS)
        for day, (off, gross) in per_day.items()
        if gross
    }
    above = shop.variable("promotion_day_discount_rate")
    found = set()
    for day, rate in rates.items():
        recent = [other for when, other in rates.items() if 0 <= (day - when).days < BASE_DAYS]
        if rate >= np.median(recent) + above:
            found.add(day)
    return found


def demand(shop: Shop) -> Demand:
    """Units sold and what masks them, over the days that forecast and backtests look at."""
    length = HORIZON * BACKTESTS + BASE_DAYS
    days = [shop.as_of - timedelta(days=back) for back in reversed(range(length))]
    table = shop.table("products").sort("product_id")
    place = {product: row for row, product in enumerate(table["product_id"])}
    units = np.zeros((table.height, length), dtype=np.int64)
    for product, day, quantity in (
        shop.base_items.filter("is_valid").select("product_id", "day", "quantity").iter_rows()
    ):
        column = length - 1 - (shop.as_of - day).days
        if 0 <= column < length:
            units[place[product], column] += quantity
    stock = np.full((table.height, length), -1, dtype=np.int64)
    snapshots = shop.table("inventory_snapshots").select("product_id", "snapshot_date", "on_hand")
    for product, day, on_hand in snapshots.iter_rows():
        column = length - 1 - (shop.as_of - day).days
        if 0 <= column < length:
            row = place[product]
            stock[row, column] = max(stock[row, column], 0) + on_hand
    launched, discontinued = table["launched_on"].to_list(), table["discontinued_on"].to_list()
    promotions = promotion_days(shop)
    return Demand(
        table["product_id"].to_list(),
        table["category"].fill_null("unknown").to_list(),
        days,
        units,
        np.array(
            [
                [sold_on(start, end, day) for day in days]
                for start, end in zip(launched, discontinued, strict=True)
            ],
            dtype=bool,
        ).reshape(units.shape),
        stock == 0,
        np.array([day in promotions for day in days]),
        launched,
        discontinued,
    )


def nearest_rank(values: np.ndarray, share: float) -> int:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = np.sort(values)
    return int(ordered[max(int(np.ceil(share * len(ordered) - 1e-9)), 1) - 1])


def forecasts(shop: Shop, backtests: Iterable[int] = range(BACKTESTS + 1)) -> pl.DataFrame:
    """One row per backtest (0: the days to come), product and day."""
    known = demand(shop)
    base, z = known.base, NormalDist().inv_cdf(0.95)
    rows = []
    for backtest in backtests:
        end = len(known.days) - backtest * HORIZON
        origin = known.days[end - 1]
        for row, product in enumerate(known.products):
            usable = base[row, end - BASE_DAYS : end]
            series = known.units[row, end - BASE_DAYS : end]
            sample = series[usable]
            selling = int((sample > 0).sum())
            regular = selling > 0 and (
                len(sample) / selling < shop.variable("slow_mover_interval_days")
            )
            by_weekday: dict[int, list[int]] = {}
            if regular:
                for back in range(1, WEEKDAY_DAYS + 1):
                    if base[row, end - back]:
                        weekday = known.days[end - back].weekday()
                        if len(by_weekday.setdefault(weekday, [])) < 4:
                            by_weekday[weekday].append(int(known.units[row, end - back]))
            degrees = sum(len(v) - 1 for v in by_weekday.values())
            squares = sum(((np.array(v) - np.mean(v)) ** 2).sum() for v in by_weekday.values())
            spread = float(np.sqrt(squares / degrees)) if degrees else None
            for ahead in range(1, HORIZON + 1):
                day = origin + timedelta(days=ahead)
                lower = upper = None
                expected = 0.0
                if not sold_on(known.launched[row], known.discontinued[row], day):
                    model = "not_on_sale"
                elif not len(sample):
                    model = "no_history"
                elif regular:
                    model = "same_weekday_mean"
                    weeks = by_weekday.get(day.weekday())
                    expected = float(np.mean(weeks)) if weeks else float(sample.mean())
                    if spread is not None:
                        error = spread * float(np.sqrt(1 + (1 / len(weeks) if weeks else 0)))
                        lower, upper = max(expected - z * error, 0.0), expected + z * error
                else:
                    model = "slow_mover_mean"
                    expected = float(sample.mean())
                    lower = min(float(nearest_rank(sample, 0.05)), expected)
                    upper = max(float(nearest_rank(sample, 0.95)), expected)
                naive = int(known.units[row, end - 7 + (ahead - 1) % 7])
                sold = int(known.units[row, end - 1 + ahead]) if backtest else None
                rows.append(
                    (backtest, product, known.categories[row], day, model, expected, lower, upper,
                     naive, sold, len(sample))
                )  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={
            "backtest": pl.Int64, "product_id": pl.String, "category": pl.String,
            "forecast_date": pl.Date, "model": pl.String, "forecast_units": pl.Float64,
            "lower_units": pl.Float64, "upper_units": pl.Float64, "naive_units": pl.Int64,
            "units_sold": pl.Int64, "base_days": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
