"""The tables that a shop is steered by, a second time: scorecard, projections, review of targets.

They are read off the oracle's own `kpi_values`. Each series is laid out day by day and each period
is projected by itself, as one would with a calendar and a pencil.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from .catalogue import KPIS, Kpi
from .rollup import GRAINS

SERIES = ["kpi", "segment_type", "segment_value"]
KEYS = ["kpi", "period_grain", "period_start", "segment_type", "segment_value"]
# what adds up over days, or counts distinct people: projected, and 0 where nothing happened
ACCUMULATING = (
    "orders", "gross_sales", "net_sales", "net_revenue", "gross_margin", "sessions", "visitors",
    "abandoned_cart_value", "active_customers", "new_customers", "ad_spend", "leads",
)  # fmt: skip
# no denominator either, but a state and not a flow: nobody waits on a day without a row; what the
# stock was worth on a day on which nobody counted it is not known
UNDIVIDED = (*ACCUMULATING, "backlog_orders")
DOWN = frozenset({
    "discount_rate", "promotion_order_rate", "free_shipping_rate", "refund_rate",
    "cart_abandonment_rate", "checkout_abandonment_rate", "abandoned_cart_value",
    "median_days_between_orders", "lapsed_customer_rate", "ad_spend", "cost_per_click",
    "customer_acquisition_cost", "paid_customer_acquisition_cost", "cost_per_order",
    "platform_overclaim", "complaint_rate", "return_rate", "order_processing_hours",
    "median_order_processing_hours", "p90_order_processing_hours", "delivery_days",
    "shipping_cost_per_order", "backlog_orders", "days_of_inventory", "stockout_rate",
    "stock_value", "forecast_wape", "cost_per_lead", "median_days_to_convert", "bounce_rate",
    "contact_rate", "first_response_hours", "resolution_hours",
})  # fmt: skip
BACK = {"day": "-1d", "week": "-1w", "month": "-1mo", "quarter": "-1q", "year": "-1y"}
YEAR_BACK = {grain: "-52w" if grain == "week" else "-1y" for grain in GRAINS}
RHYTHMS = ("daily", "weekly", "monthly", "quarterly", "yearly")
TARGETS = {
    "target_id": pl.String, "kpi": pl.String, "segment_type": pl.String,
    "segment_value": pl.String, "period_grain": pl.String, "statement": pl.String,
    "baseline_value": pl.Float64, "target_value": pl.Float64, "why_achievable": pl.String,
    "objective": pl.String, "owner": pl.String, "starts_on": pl.Date, "ends_on": pl.Date,
    "review_rhythm": pl.String,
}  # fmt: skip
# a channel's costs, what it brings and what it finds: the KPI, and the segment it is read by
CHANNEL_KPIS = {
    "ad_spend": "channel", "visitors": "channel", "conversion_rate": "channel",
    "average_order_value": "channel", "new_customers": "acquisition_channel",
    "customer_acquisition_cost": "channel", "clv_365d": "acquisition_channel", "nps": "channel",
    "csat": "channel", "order_processing_hours": "channel", "orders": "channel",
    "net_sales": "channel",
}  # fmt: skip


def read_targets(path: str | Path) -> pl.DataFrame:
    """The seed of targets; blank text is null."""
    table = pl.read_csv(path, schema_overrides=TARGETS)
    return table.select(
        pl.col(name).str.strip_chars().replace("", None) if dtype == pl.String else name
        for name, dtype in TARGETS.items()
    )


# ---- calendar ------------------------------------------------------------------------------


def period_number(day: date, grain: str) -> int:
    """Periods counted from the beginning of time: the next one has the next number."""
    return {
        "day": day.toordinal(),
        "week": (day.toordinal() - 1) // 7,  # day 1 is a Monday
        "month": 12 * day.year + day.month - 1,
        "quarter": (12 * day.year + day.month - 1) // 3,
        "year": day.year,
    }[grain]


def first_day(number: int, grain: str) -> date:
    """The first day of a period, by its number."""
    if grain == "day":
        return date.fromordinal(number)
    if grain == "week":
        return date.fromordinal(7 * number + 1)
    months = number * {"month": 1, "quarter": 3, "year": 12}[grain]
    return date(months // 12, months % 12 + 1, 1)


def period_of(day: date, grain: str) -> tuple[date, date]:
    """First and last day of the period that holds a day."""
    number = period_number(day, grain)
    return first_day(number, grain), first_day(number + 1, grain) - timedelta(days=1)


# ---- scorecard -----------------------------------------------------------------------------


def followed_series(targets: pl.DataFrame, catalogue: Mapping[str, Kpi]) -> pl.DataFrame:
    """Every KPI by `all`, and each segment that a target names."""
    everywhere = pl.DataFrame({"kpi": list(catalogue)}, schema={"kpi": pl.String}).with_columns(
        pl.lit("all").alias("segment_type"), pl.lit("all").alias("segment_value")
    )
    targeted = targets.select(SERIES).drop_nulls().filter(pl.col("kpi").is_in(list(catalogue)))
    return pl.concat([everywhere, targeted]).unique(maintain_order=True)


def scorecard(
    kpi_values: pl.DataFrame,
    as_of: date,
    targets: pl.DataFrame,
    catalogue: Mapping[str, Kpi] = KPIS,
    at_risk_attainment: float = 0.9,
) -> pl.DataFrame:
    """The table of the same name: every period held against the past and against its target."""
    series = followed_series(targets, catalogue)
    known = kpi_values.filter(pl.col("period_start") <= as_of).join(series, on=SERIES, how="semi")
    counted = pl.col("kpi").is_in(list(UNDIVIDED)) & pl.col("kpi").is_in(
        kpi_values["kpi"].unique().to_list()
    )
    parts = []
    for grain, step in GRAINS.items():
        here = known.filter(pl.col("period_grain") == grain)
        now = pl.lit(period_of(as_of, grain)[0])
        laid_out = (
            series.join(
                here.group_by(SERIES).agg(pl.col("period_start").min().alias("first")),
                on=SERIES, how="left",
            )
            .with_columns(
                pl.date_ranges(pl.col("first").fill_null(now), now, step).alias("period_start")
            )
            .explode("period_start")
            .join(here.select(*SERIES, "period_start", "value"),
                  on=[*SERIES, "period_start"], how="left")
            .with_columns(
                pl.when(counted).then(pl.col("value").fill_null(0)).otherwise("value")
                .alias("value"),
                pl.lit(grain).alias("period_grain"),
                pl.col("period_start").dt.offset_by(step).dt.offset_by("-1d").alias("period_end"),
            )
        )  # fmt: skip
        for name, back in (("previous_value", BACK), ("year_ago_value", YEAR_BACK)):
            then = laid_out.select(
                *SERIES, pl.col("period_start").alias("then"), pl.col("value").alias(name)
            )
            laid_out = laid_out.with_columns(
                pl.col("period_start").dt.offset_by(back[grain]).alias("then")
            ).join(then, on=[*SERIES, "then"], how="left")
        parts.append(laid_out)
    targeted = targets.select(
        *SERIES, "period_grain", "starts_on", "ends_on", "target_value"
    ).filter(pl.col("target_value").is_not_null())
    table = pl.concat(parts)
    aims = table.join(targeted, on=[*SERIES, "period_grain"], how="inner").filter(
        pl.col("starts_on") <= pl.col("period_start"), pl.col("period_end") <= pl.col("ends_on")
    )
    projected = projections(kpi_values, as_of, targets, catalogue).filter("is_open")
    table = (
        table.join(aims.select(*KEYS, "target_value"), on=KEYS, how="left")
        .join(projected.select(*KEYS, "projected_value"), on=KEYS, how="left")
        .with_columns((pl.col("period_end") <= as_of).alias("is_complete_period"))
    )
    value, target = pl.col("value"), pl.col("target_value")
    is_down = pl.col("kpi").is_in(list(DOWN))
    table = table.with_columns(
        pl.when(~pl.col("is_complete_period"))
        .then(pl.coalesce("projected_value", "value"))
        .alias("projected_value"),
        *(
            change
            for name, past in (("change", "previous_value"), ("year_on_year_change",
                                                              "year_ago_value"))
            for change in (
                (value - pl.col(past)).alias(name),
                pl.when(pl.col(past) > 0).then((value - pl.col(past)) / pl.col(past))
                .alias(f"{name}_rate"),
            )
        ),
    )  # fmt: skip
    judged = pl.when("is_complete_period").then(value).otherwise(pl.col("projected_value"))
    table = table.with_columns(
        judged.alias("judged"),
        pl.when((judged > 0) & (target > 0))
        .then(pl.when(is_down).then(target / judged).otherwise(judged / target))
        .alias("attainment"),
    )
    reached = pl.when(is_down).then(pl.col("judged") <= target).otherwise(
        pl.col("judged") >= target
    )  # fmt: skip
    status = (
        pl.when(pl.col("judged").is_null()).then(pl.lit("no_data"))
        .when(target.is_null()).then(pl.lit("no_target"))
        .when(reached).then(pl.lit("on_track"))
        .when(pl.col("attainment") >= at_risk_attainment).then(pl.lit("at_risk"))
        .otherwise(pl.lit("off_track"))
    )  # fmt: skip
    return table.with_columns(status.alias("status")).select(
        *KEYS, "period_end", "value", "previous_value", "change", "change_rate", "year_ago_value",
        "year_on_year_change", "year_on_year_change_rate", "target_value", "attainment", "status",
        "projected_value", "is_complete_period",
    )  # fmt: skip


# ---- projections ---------------------------------------------------------------------------


class Days:
    """A series laid out day by day from its first row; a day without a row is 0."""

    def __init__(self, values: Mapping[date, float], as_of: date) -> None:
        self.first = min(values)
        length = (as_of - self.first).days + 1
        self.values = np.zeros(length)
        for day, value in values.items():
            self.values[(day - self.first).days] = value
        self.smooth = {
            middle: self.values[middle - 28 : middle + 29].mean()
            for middle in range(28, length - 28)
        }

    def number(self, day: date) -> int:
        """Days since the first one."""
        return (day - self.first).days

    def total(self, start: date, end: date) -> float:
        """Sum over days, both ends included."""
        return float(self.values[max(self.number(start), 0) : self.number(end) + 1].sum())

    def season(self, middle: int, cut: int) -> float | None:
        """Mean of the 57 days around one, if all of them are known at the cut."""
        return self.smooth.get(middle) if middle + 28 <= cut else None

    def to_come(self, cut_on: date, end: date) -> float | None:
        """What the days after the cut will bring, up to `end`; null with less than a week known."""
        cut = self.number(cut_on)
        if cut + 1 < 7:
            return None
        weeks = range(max(0, cut - 41), cut + 1)
        seasons = [self.season(day - 364, cut) for day in weeks]
        known = [season for season in seasons if season is not None]
        usual = float(np.mean(known)) if known else 0.0
        weekday = {
            rest: float(np.mean([self.values[day] for day in weeks if day % 7 == rest]))
            for rest in range(7)
        }
        total = 0.0
        for day in range(cut + 1, self.number(end) + 1):
            season = self.season(day - 364, cut)
            rises = season is not None and season > 0 and usual > 0
            total += weekday[day % 7] * (np.sqrt(season / usual) if rises else 1.0)
        return total


def project(
    days: Days, periods: Mapping[date, float], grain: str, start: date, cut_on: date
) -> tuple[float, float, float]:
    """A period as known up to the cut: so far, projected, and by the straight line.

    `periods`: the values of the grain's periods. What is distinct in a period is less than the sum
    of its days; the last complete period says by how much.
    """
    end = period_of(start, grain)[1]
    so_far = days.total(start, cut_on)
    straight = so_far * ((end - start).days + 1) / ((cut_on - start).days + 1)
    to_come = days.to_come(cut_on, end)
    if to_come is None:
        return so_far, straight, straight
    before = first_day(period_number(start, grain) - 1, grain)
    summed = days.total(before, start - timedelta(days=1)) if before >= days.first else 0.0
    distinct = periods.get(before, 0.0) / summed if summed else 1.0
    return so_far, (so_far + to_come) * distinct, straight


def projections(
    kpi_values: pl.DataFrame,
    as_of: date,
    targets: pl.DataFrame,
    catalogue: Mapping[str, Kpi] = KPIS,
) -> pl.DataFrame:
    """Open periods projected to their end, and every past one as it was at its half."""
    series = followed_series(targets, catalogue).filter(pl.col("kpi").is_in(list(ACCUMULATING)))
    known = kpi_values.filter(
        pl.col("period_start") <= as_of, pl.col("value").is_not_null()
    ).join(series, on=SERIES, how="semi")  # fmt: skip
    rows = []
    for key, part in known.group_by(SERIES):
        values: dict[str, dict[date, float]] = {grain: {} for grain in GRAINS}
        for grain, start, value in part.select("period_grain", "period_start", "value").rows():
            values[grain][start] = value
        if not values["day"]:
            continue
        days = Days(values["day"], as_of)
        for grain in ("week", "month", "quarter", "year"):
            now = period_number(as_of, grain)
            for number in range(period_number(days.first, grain), now + 1):
                start = first_day(number, grain)
                end = period_of(start, grain)[1]
                is_open, actual = end > as_of, None
                if is_open:
                    cut_on = as_of
                elif start >= days.first:
                    cut_on = start + timedelta(days=((end - start).days + 1) // 2 - 1)
                    actual = values[grain].get(start, 0.0)
                else:
                    continue
                so_far, projected, straight = project(days, values[grain], grain, start, cut_on)
                if is_open:
                    projected = max(projected, values[grain].get(start, 0.0))
                rows.append((*key, grain, start, cut_on, is_open, so_far, projected, straight,
                             actual))  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={
            **dict.fromkeys(SERIES, pl.String), "period_grain": pl.String,
            "period_start": pl.Date, "cut_on": pl.Date, "is_open": pl.Boolean,
            "value_so_far": pl.Float64, "projected_value": pl.Float64,
            "straight_line_value": pl.Float64, "actual_value": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


# ---- targets -------------------------------------------------------------------------------


def says(text: str | None) -> bool:
    """Blank text is no text."""
    return bool(text and text.strip())


def best_move(history: Mapping[int, float], sign: int, apart: int) -> float | None:
    """The largest improvement between two periods at most so many apart; null without a pair."""
    return max(
        (
            sign * (history[later] - history[earlier])
            for later in history
            for earlier in range(later - apart, later)
            if earlier in history
        ),
        default=None,
    )


def is_within_reach(target: Mapping, history: Mapping[int, float]) -> bool:
    """Reached before, or no further than the best move of as many periods. By period number."""
    sign = -1 if target["kpi"] in DOWN else 1
    aim, baseline = target["target_value"], target["baseline_value"]
    if aim is None:
        return False
    if any(sign * value >= sign * aim for value in history.values()):
        return True
    grain, start, end = target["period_grain"], target["starts_on"], target["ends_on"]
    if baseline is None or grain not in GRAINS:
        return False
    apart = 1
    if start is not None and end is not None:
        whole = period_number(end + timedelta(days=1), grain) - period_number(
            start - timedelta(days=1), grain
        )  # fmt: skip
        apart = max(1, whole - 1)
    best = best_move(history, sign, apart)
    return best is not None and sign * (aim - baseline) <= best


def targets_review(
    kpi_values: pl.DataFrame,
    as_of: date,
    targets: pl.DataFrame,
    catalogue: Mapping[str, Kpi] = KPIS,
) -> pl.DataFrame:
    """Each target held against SMART, letter by letter."""
    values: dict[tuple, dict[tuple[date, date], float]] = {}
    wanted = targets.select(*SERIES, "period_grain").unique()
    valued = kpi_values.filter(pl.col("value").is_not_null()).join(
        wanted, on=[*SERIES, "period_grain"], how="semi"
    )
    for *scope, start, end, value in valued.select(
        *SERIES, "period_grain", "period_start", "period_end", "value"
    ).iter_rows():
        values.setdefault(tuple(scope), {})[start, end] = value
    rows = []
    for target in targets.iter_rows(named=True):
        kpi, grain = target["kpi"], target["period_grain"]
        of_scope = values.get((*(target[name] for name in SERIES), grain), {})
        history = {
            period_number(start, grain): value
            for (start, end), value in of_scope.items()
            if end <= as_of
        }
        specific = (
            kpi in catalogue
            and target["segment_type"] in catalogue[kpi].segment_types
            and says(target["segment_value"])
            and len((target["statement"] or "").split()) >= 4
        )
        numbers = target["baseline_value"] is not None and target["target_value"] is not None
        measurable = numbers and bool(of_scope)
        achievable = says(target["why_achievable"]) and is_within_reach(target, history)
        relevant = says(target["objective"]) and says(target["owner"])
        bound = (
            target["starts_on"] is not None
            and target["ends_on"] is not None
            and target["review_rhythm"] in RHYTHMS
            and target["ends_on"] >= as_of
        )
        letters = (specific, measurable, achievable, relevant, bound)
        rows.append((target["target_id"], kpi, *letters, all(letters)))
    names = ("specific", "measurable", "achievable", "relevant", "time_bound", "smart")
    return pl.DataFrame(
        rows,
        schema={
            "target_id": pl.String, "kpi": pl.String,
            **{f"is_{name}": pl.Boolean for name in names},
        },
        orient="row",
    )  # fmt: skip


# ---- channels ------------------------------------------------------------------------------


def channel_scorecard(
    kpi_values: pl.DataFrame, as_of: date, kpis: Iterable[str] = tuple(CHANNEL_KPIS)
) -> pl.DataFrame:
    """One row a month and channel: each column is the KPI's own value."""
    keys = ["period_start", "channel"]
    table = pl.DataFrame(schema={"period_start": pl.Date, "channel": pl.String})
    for kpi in kpis:
        values = kpi_values.filter(
            pl.col("kpi") == kpi,
            pl.col("segment_type") == CHANNEL_KPIS[kpi],
            pl.col("period_grain") == "month",
            pl.col("period_start") <= as_of,
        ).select("period_start", pl.col("segment_value").alias("channel"),
                 pl.col("value").alias(kpi))  # fmt: skip
        table = table.join(values, on=keys, how="full", coalesce=True)
    return table
