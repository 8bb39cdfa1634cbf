"""The tables of marketing recomputed: touches and their weights, attribution, paybacks, halo.

Written from the definitions, order by order in plain Python where the SQL uses windows, and with
least squares by numpy where it uses moments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from .attribution import channel_effects, order_touches
from .channels import add_channel
from .customers import customer_margin
from .raw import MONEY_UNITS
from .rollup import GRAINS
from .shop import Shop

MODELS = (
    "first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay",
    "data_driven",
)  # fmt: skip
DAY = 86_400


def weights(
    channels: Sequence[str],
    ages: Sequence[float],
    effects: Mapping[str, float],
    half_life: float = 7,
) -> dict[str, list[float]]:
    """The weights of one order's touches, first to last, by model; `ages` in days."""
    n = len(channels)

    def only(winner: int) -> list[float]:
        return [float(i == winner) for i in range(n)]

    def shared(values: list[float]) -> list[float]:
        total = sum(values)
        return [value / total for value in values] if total > 0 else [1 / n] * n

    others = [i for i in range(n) if channels[i] != "direct"]
    between = [0.2 / (n - 2)] * (n - 2) if n > 2 else []
    return {
        "first_touch": only(0),
        "last_touch": only(n - 1),
        "last_non_direct": only(others[-1] if others else n - 1),
        "linear": [1 / n] * n,
        "position_based": {1: [1.0], 2: [0.5, 0.5]}.get(n, [0.4, *between, 0.4]),
        "time_decay": shared([2 ** (-max(0.0, age) / half_life) for age in ages]),
        "data_driven": shared([effects.get(channel, 0.0) for channel in channels]),
    }


def touches(shop: Shop, half_life: float = 7) -> pl.DataFrame:
    """One row per order and session with every weight."""
    effects = channel_effects(shop)
    rows = []
    frame = order_touches(shop).sort("order_id", "started_at", "session_id")
    for (order_id,), part in frame.group_by("order_id", maintain_order=True):
        ages = [
            (ordered - started).total_seconds() / DAY
            for ordered, started in part.select("ordered_at", "started_at").iter_rows()
        ]
        by_model = weights(part["channel"].to_list(), ages, effects, half_life)
        for i, (session_id, started, channel) in enumerate(
            part.select("session_id", "started_at", "channel").iter_rows()
        ):
            rows.append(
                {
                    "order_id": order_id, "session_id": session_id, "touch_at": started,
                    "channel": channel, "position": i + 1, "touches": part.height,
                    **{model: by_model[model][i] for model in MODELS},
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def period_of(day: date, grain: str) -> date:
    """First day of the period of a day."""
    match grain:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        case "year":
            return date(day.year, 1, 1)
    return day


def last_day(start: date, grain: str) -> date:
    """Last day of a period."""
    step = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[grain]
    return period_of(start + timedelta(days=step), grain) - timedelta(days=1)


def attribution(shop: Shop, touched: pl.DataFrame) -> dict[tuple, list[float]]:
    """(model, grain, period, channel): orders, net_sales, new_customers, cost."""
    firsts = set(shop.first_orders["first_order_id"])
    shares: dict[str, list[dict]] = defaultdict(list)
    for row in touched.iter_rows(named=True):
        shares[row["order_id"]].append(row)
    sums: dict[tuple, list[float]] = defaultdict(lambda: [0.0] * 4)
    orders = shop.valid_orders.select("order_id", "day", "net_sales")
    for order_id, day, net_sales in orders.iter_rows():
        parts = shares.get(order_id) or [{"channel": "unknown", **dict.fromkeys(MODELS, 1.0)}]
        periods = [(grain, period_of(day, grain)) for grain in GRAINS]
        for part in parts:
            for model in MODELS:
                weight = part[model]
                credit = (
                    weight,
                    weight * net_sales / MONEY_UNITS,
                    weight * (order_id in firsts),
                )
                for grain, start in periods:
                    total = sums[model, grain, start, part["channel"]]
                    for i, value in enumerate(credit):
                        total[i] += value
    for day, channel, cost in shop.spend.select("spend_date", "channel", "cost").iter_rows():
        for grain in GRAINS:
            for model in MODELS:
                total = sums[model, grain, period_of(day, grain), channel]
                total[3] += cost / MONEY_UNITS
    return dict(sums)


def paybacks(shop: Shop, horizon: int = 365) -> dict[tuple, tuple[int | None, int]]:
    """(grain, period, channel): days until the margin stays above the cost, and days observed."""
    costs: dict[tuple, int] = defaultdict(int)
    for day, channel, cost in shop.spend.select("spend_date", "channel", "cost").iter_rows():
        for grain in GRAINS:
            costs[grain, period_of(day, grain), channel] += cost
    customers = {
        row["customer_id"]: row
        for row in shop.customers.with_columns(
            pl.col("acquisition_channel").fill_null("unknown")
        ).iter_rows(named=True)
    }
    events: dict[str, list[tuple[int, int]]] = defaultdict(list)
    placed = {
        row[0]: row[1:]
        for row in shop.valid_orders.select("order_id", "customer_id", "ordered_at").iter_rows()
    }

    def book(order_id: str, moment, margin: int) -> None:
        customer, ordered = placed.get(order_id, (None, None))
        if customer is None:
            return
        waited = max(ordered, moment) - customers[customer]["first_order_at"]
        days = max(0, -(-waited // timedelta(days=1)))
        if days <= horizon:
            events[customer].append((days, margin))

    for order_id, sales, cogs in (
        shop.base_items.filter(pl.col("unit_cost").is_not_null())
        .select("order_id", "net_sales", "cogs")
        .iter_rows()
    ):
        if order_id in placed:
            book(order_id, placed[order_id][1], sales - cogs)
    for order_id, moment, back, amount in (
        shop.base_refunds.filter("has_cost")
        .select("order_id", "refunded_at", "cost_back", "amount")
        .iter_rows()
    ):
        book(order_id, moment, back - amount)

    earned: dict[tuple, list[int]] = defaultdict(lambda: [0] * (horizon + 1))
    touched: dict[tuple, set[int]] = defaultdict(set)
    for customer, booked in events.items():
        row = customers[customer]
        for grain in GRAINS:
            key = (grain, period_of(row["first_order_on"], grain), row["acquisition_channel"])
            for days, margin in booked:
                earned[key][days] += margin
                touched[key].add(days)
    result = {}
    for key, cost in costs.items():
        grain, start, _ = key
        observed = min(horizon, (shop.as_of - last_day(start, grain)).days)
        if cost <= 0 or observed < 0:
            continue
        total, answer = 0, None
        for days in sorted(touched.get(key, ())):
            if days > observed:
                break
            total += earned[key][days]
            if total < cost:
                answer = None
            elif answer is None:
                answer = days
        result[key] = (answer, observed)
    return result


def marginal_returns(
    sums: Mapping[tuple, Sequence[float]], as_of: date, weeks: int = 52
) -> dict[tuple[str, date], tuple[float, float, float]]:
    """(channel, week): slope and its interval, by least squares on (1, week, cost)."""
    from scipy import stats

    weekly = {
        (channel, start): (values[3], values[1])
        for (model, grain, start, channel), values in sums.items()
        if model == "data_driven" and grain == "week" and last_day(start, "week") <= as_of
    }
    starts = sorted({start for _, start in weekly})
    result = {}
    for channel in sorted({channel for (channel, _), (cost, _) in weekly.items() if cost > 0}):
        series = np.array([weekly.get((channel, start), (0.0, 0.0)) for start in starts])
        for end in range(len(starts)):
            part = series[max(0, end - weeks + 1) : end + 1]
            cost, sales = part[:, 0], part[:, 1]
            n = len(part)
            if (cost > 0).sum() < weeks // 2:
                continue
            trend = np.column_stack([np.ones(n), np.arange(n)])
            off = cost - trend @ np.linalg.lstsq(trend, cost, rcond=None)[0]
            if np.sqrt((off**2).mean()) < 0.05 * cost.mean():
                continue
            design = np.column_stack([trend, cost])
            fitted = np.linalg.lstsq(design, sales, rcond=None)[0]
            left = sales - design @ fitted
            error = np.sqrt((left**2).sum() / (n - 3) / (off**2).sum())
            half = stats.t.ppf(0.975, n - 3) * error
            result[channel, starts[end]] = (fitted[2], fitted[2] - half, fitted[2] + half)
    return result


def campaign_of_sessions(shop: Shop) -> dict[str, str]:
    """The campaign of each session, by its tags."""
    campaigns: dict[str, dict] = {}
    spend = shop.spend.sort(
        ["spend_date", "platform", "country_code"], descending=[True, False, False]
    )
    for row in spend.iter_rows(named=True):
        campaigns.setdefault(row["campaign_id"], row)
    cost = dict(spend.group_by("campaign_id").agg(pl.col("cost").sum()).iter_rows())

    def lower(text: str | None) -> str | None:
        return text.lower() if text else None

    def fit(session: dict, campaign: dict) -> tuple | None:
        tag = lower(campaign["utm_campaign"])
        if tag is not None:
            if lower(session["utm_campaign"]) != tag:
                return None
        elif session["utm_campaign"] is not None or (session["source"], session["medium"]) != (
            lower(campaign["utm_source"]),
            lower(campaign["utm_medium"]),
        ):
            return None
        same = (
            (session["source"] == lower(campaign["utm_source"]))
            + (session["medium"] == lower(campaign["utm_medium"]))
            + (session["channel"] == campaign["channel"])
        )
        return (-same, -cost[campaign["campaign_id"]], campaign["campaign_id"])

    raw = shop.table("sessions").filter(~pl.col("is_bot").fill_null(False))
    raw = add_channel(raw, shop.project_dir / "seeds" / "channel_rules.csv")
    source = pl.coalesce(
        "utm_source",
        pl.when(pl.col("utm_medium").is_not_null()).then(pl.lit("(not set)")),
        "referrer_host",
        pl.lit("(direct)"),
    )
    medium = pl.coalesce(
        "utm_medium",
        pl.when(pl.col("utm_source").is_not_null()).then(pl.lit("(not set)")),
        pl.when(pl.col("referrer_host").is_not_null()).then(pl.lit("referral")),
        pl.lit("(none)"),
    )
    tagged = raw.select(
        "session_id", "utm_campaign", "channel",
        source.str.to_lowercase().alias("source"), medium.str.to_lowercase().alias("medium"),
    )  # fmt: skip
    known: dict[tuple, str | None] = {}
    result = {}
    for row in tagged.iter_rows(named=True):
        key = (row["source"], row["medium"], row["utm_campaign"], row["channel"])
        if key not in known:
            fits = [found for c in campaigns.values() if (found := fit(row, c))]
            known[key] = min(fits)[-1] if fits else None
        if known[key] is not None:
            result[row["session_id"]] = known[key]
    return result


def halo(shop: Shop, touched: pl.DataFrame) -> dict[str, dict[str, float | None]]:
    """What each tagged campaign is credited with, of its category and of others."""
    of_session = campaign_of_sessions(shop)
    promoted: dict[str, str | None] = {}
    newest = shop.spend.sort(
        ["spend_date", "platform", "country_code"], descending=[True, False, False]
    )
    for campaign, category in newest.select("campaign_id", "promoted_category").iter_rows():
        promoted.setdefault(campaign, category)
    lines: dict[str, list[tuple[str | None, float]]] = defaultdict(list)
    for order_id, category, net_sales in (
        shop.base_items.filter("is_valid").select("order_id", "category", "net_sales").iter_rows()
    ):
        lines[order_id].append((category, net_sales / MONEY_UNITS))
    result: dict[str, dict[str, float | None]] = defaultdict(
        lambda: {"orders": 0.0, "net_sales": 0.0, "direct": 0.0, "halo": 0.0}
    )
    for order_id, session_id, share in touched.select(
        "order_id", "session_id", "data_driven"
    ).iter_rows():
        campaign = of_session.get(session_id)
        if campaign is None:
            continue
        total = result[campaign]
        total["orders"] += share
        for category, amount in lines[order_id]:
            total["net_sales"] += share * amount
            what = "direct" if category == promoted[campaign] else "halo"
            total[what] += share * amount
    margin = dict(customer_margin(shop, 90).iter_rows())
    newcomers: dict[str, list[int]] = defaultdict(list)
    counted: dict[str, int] = defaultdict(int)
    firsts = shop.customers.select("customer_id", "first_order_id", "first_order_on")
    opening = shop.touches_of(
        shop.base_orders.join(
            firsts.select(pl.col("first_order_id").alias("order_id")), on="order_id", how="semi"
        )
    )
    winner: dict[str, str] = {}
    for order_id, session_id, channel in opening.select(
        "order_id", "session_id", "channel"
    ).iter_rows():
        if channel != "direct":
            winner[order_id] = session_id
    for customer, order_id, day in firsts.iter_rows():
        campaign = of_session.get(winner.get(order_id, ""))
        if campaign is None:
            continue
        counted[campaign] += 1
        if day <= shop.days_before_as_of(90):
            newcomers[campaign].append(margin.get(customer) or 0)
    for campaign, total in result.items():
        if promoted[campaign] is None:
            total["direct"] = total["halo"] = None
        mature = newcomers[campaign]
        total["new_customers"] = counted[campaign]
        total["value_90d"] = sum(mature) / MONEY_UNITS / len(mature) if mature else None
    return dict(result)
