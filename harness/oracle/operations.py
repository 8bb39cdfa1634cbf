"""The tables of operations, a second time: stages of delivery, and what is open in them."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from scipy import stats

from .forecast import HORIZON, demand, forecasts
from .fulfilment import complaining_orders
from .inventory import snapshots
from .raw import MONEY_UNITS
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
    waits = rows.filter(pl.col("ended_on").is_null() | (pl.col("ended_on") > pl.col("started_on")))
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
            ((pl.lit(moment) - pl.col("started_at")).dt.total_microseconds() / 3.6e9)
            .clip(lower_bound=0)
            .alias("age")
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


def daily_demand(shop: Shop) -> dict[str, tuple[float, float, int | None]]:
    """By product: mean forecast of a day to come, mean squared error of the backtests, days behind.

    Errors count on days on sale and in stock.
    """
    known = demand(shop)
    masked = {
        (product, known.days[column])
        for row, product in enumerate(known.products)
        for column in known.out_of_stock[row].nonzero()[0]
    }
    expected: Counter = Counter()
    squares: dict[str, list[float]] = {}
    behind: dict[str, int] = {}
    for row in forecasts(shop).iter_rows(named=True):
        product = row["product_id"]
        if row["backtest"] == 0:
            expected[product] += row["forecast_units"]
            days = 28 if row["model"] == "same_weekday_mean" else row["base_days"]
            behind[product] = max(behind.get(product, 0), days)
        elif row["model"] != "not_on_sale" and (product, row["forecast_date"]) not in masked:
            error = row["units_sold"] - row["forecast_units"]
            squares.setdefault(product, []).append(error * error)
    return {
        product: (
            expected[product] / HORIZON,
            sum(squares.get(product, [0])) / max(len(squares.get(product, [])), 1),
            behind[product],
        )
        for product in known.products
    }


def reorder_level(mean: float, variance: float, level: float) -> int:
    """The demand of a lead time that is not exceeded with this chance."""
    if mean == 0:
        return 0
    if mean + 6 * math.sqrt(variance) + 10 > 400:
        return math.ceil(mean + stats.norm.ppf(level) * math.sqrt(variance))
    if variance > mean * (1 + 1e-9):
        return int(stats.nbinom.ppf(level, mean**2 / (variance - mean), mean / variance))
    return int(stats.poisson.ppf(level, mean))


def inventory_position(
    shop: Shop,
    *,
    service_level: float = 0.95,
    lead_days: int = 14,
    lead_sd: float = 2,
    order_cost: float = 20,
    holding_rate: float = 0.25,
    cover: int = 180,
    dead_after: int = 180,
) -> pl.DataFrame:
    """The table of the same name, position by position."""
    today = shop.as_of
    units: Counter = Counter()
    by_day: Counter = Counter()
    last_sold: dict[str, date] = {}
    lines = shop.items.select("product_id", "warehouse", "day", "quantity")
    for product, warehouse, day, quantity in lines.iter_rows():
        by_day[product, warehouse, day] += quantity
        if day <= today:
            last_sold[product] = max(last_sold.get(product, day), day)
            if (today - day).days < 182:
                units[product, warehouse] += quantity
    in_stock: Counter = Counter()
    empty_days: dict[tuple[str, str], list[date]] = {}
    held: set[tuple[str, str]] = set()
    first_seen: dict[str, date] = {}
    newest: dict[str, date] = {}
    stock = snapshots(shop)
    for row in stock.iter_rows(named=True):
        key, day = (row["product_id"], row["warehouse_id"]), row["snapshot_date"]
        first_seen[key[0]] = min(first_seen.get(key[0], day), day)
        if day > today:
            continue
        newest[key[1]] = max(newest.get(key[1], day), day)
        if (today - day).days < 182:
            held.add(key)
            in_stock[key] += row["is_on_sale"] and row["on_hand"] > 0
        if (today - day).days < 90 and row["is_on_sale"] and row["on_hand"] == 0:
            empty_days.setdefault(key, []).append(day)
    of_warehouse = Counter({warehouse: 1 for _, warehouse in held})
    for product, warehouse in held:
        of_warehouse[warehouse] += units[product, warehouse]
    weight = {
        key: (182 * units[key] / in_stock[key] if in_stock[key] else 0)
        + 5 * of_warehouse[key[1]] / of_warehouse.total()
        for key in held
    }
    total: dict[str, float] = {}
    for (product, _), part in weight.items():
        total[product] = total.get(product, 0) + part
    dates = {
        product: (launched, discontinued)
        for product, launched, discontinued in shop.table("products")
        .select("product_id", "launched_on", "discontinued_on").iter_rows()
    }  # fmt: skip
    expected = daily_demand(shop)
    rows = []
    for row in stock.iter_rows(named=True):
        key = product, warehouse = row["product_id"], row["warehouse_id"]
        if row["snapshot_date"] != newest.get(warehouse):
            continue
        rate = variance = 0.0
        behind = None
        if key in weight:
            share = weight[key] / total[product]
            whole, error, behind = expected[product]
            rate = share * whole
            variance = share**2 * max(error, whole) + share * (1 - share) * whole
        mean = rate * lead_days
        spread = variance * lead_days * (1 + (lead_days / behind if behind else 0))
        spread += (rate * lead_sd) ** 2
        point = reorder_level(mean, spread, service_level)
        on_hand = row["on_hand"]
        available = on_hand + (row["on_order"] or 0)
        launched, discontinued = dates[product]
        buyable = rate > 0 and (
            discontinued is None or discontinued > today + timedelta(days=lead_days)
        )
        cost = row["cost"] / MONEY_UNITS if row["cost"] is not None else None
        lot = math.sqrt(2 * 365 * rate * order_cost / (holding_rate * cost)) if cost else mean
        lot = min(lot, cover * rate)
        due = buyable and available <= point
        lasts = on_hand / rate if rate else None
        sold = last_sold.get(product)
        seen = max(first_seen[product], launched or first_seen[product])
        stale = sold is None or (today - sold).days >= dead_after
        if on_hand == 0:
            status = "out_of_stock"
        elif stale and (today - seen).days >= dead_after:
            status = "dead_stock"
        elif due:
            status = "reorder"
        elif lasts is not None and lasts > cover:
            status = "overstock"
        else:
            status = "healthy"
        quantity = max(math.ceil(lot), point + 1 - available) if due else 0
        gaps = empty_days.get(key, [])
        lost = rate * len(gaps) - sum(by_day[product, warehouse, day] for day in gaps)
        value = on_hand * cost if cost is not None else None
        excess = 0.0
        if status == "dead_stock":
            excess = value
        elif status == "overstock":
            excess = None if value is None else value * (1 - cover / lasts)
        rows.append(
            (product, warehouse, on_hand, row["on_order"], value, rate, lasts, mean,
             max(point - mean, 0.0), point, quantity,
             len(gaps), max(lost, 0.0), status, excess)
        )  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={
            "product_id": pl.String, "warehouse_id": pl.String, "on_hand": pl.Int64,
            "on_order": pl.Int64, "stock_value": pl.Float64, "average_daily_demand": pl.Float64,
            "days_of_cover": pl.Float64, "lead_time_demand": pl.Float64,
            "safety_stock": pl.Float64, "reorder_point": pl.Int64,
            "suggested_order_quantity": pl.Int64, "stockout_days_90d": pl.Int64,
            "estimated_lost_sales_90d": pl.Float64, "status": pl.String,
            "excess_stock_value": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


Z_95 = stats.norm.ppf(0.975)
FOLLOWED_DAYS = 90


def late_orders(shop: Shop) -> list[dict]:
    """Fully delivered orders: days late (None without a promise) and whether one more followed."""
    days: dict[str, int] = {}
    parcels = shop.shipments.select("order_id", "promised_on", "delivered_on").drop_nulls()
    for order, promised, delivered in parcels.iter_rows():
        days[order] = max(days.get(order, 0), (delivered - promised).days)
    complaints = set(complaining_orders(shop)["order_id"])
    orders = shop.valid_orders.join(
        shop.order_delivery.filter(pl.col("delivered") == pl.col("parcels"))
        .with_columns(shop.day("last_delivered_at").alias("delivered_on")),
        on="order_id", how="inner",
    )  # fmt: skip
    times: dict[str, list[datetime]] = {}
    for customer, ordered_at in shop.valid_orders.select("customer_id", "ordered_at").iter_rows():
        times.setdefault(customer, []).append(ordered_at)
    limit = timedelta(days=FOLLOWED_DAYS)
    rows = []
    for row in orders.iter_rows(named=True):
        arrived, customer = row["last_delivered_at"], row["customer_id"]
        followed = None
        if customer is not None and row["delivered_on"] <= shop.days_before_as_of(FOLLOWED_DAYS):
            followed = any(arrived < moment <= arrived + limit for moment in times[customer])
        rows.append({
            **{name: row[name] for name in ("order_id", *DIMENSIONS)},
            "late": days.get(row["order_id"]),
            "complained": row["order_id"] in complaints,
            "followed": followed,
        })  # fmt: skip
    return rows


def survey_rows(shop: Shop) -> list[dict]:
    """Surveys with the delivery of their order, else the zone of their customer."""
    orders = {row["order_id"]: row for row in shop.orders.iter_rows(named=True)}
    homes = dict(shop.customer_homes.select("customer_id", "zone").iter_rows())
    rows = []
    for survey in shop.table("surveys").iter_rows(named=True):
        if survey["order_id"] is None:
            place = dict.fromkeys(DIMENSIONS)
            place["zone"] = homes.get(survey["customer_id"])
        else:
            place = {name: orders[survey["order_id"]][name] for name in DIMENSIONS}
        rows.append({**survey, **place})
    return rows


def satisfaction_by_delivery(shop: Shop) -> pl.DataFrame:
    """Counts and rates of the table of the same name, without its intervals but NPS's."""
    late = {row["order_id"]: row for row in late_orders(shop)}
    types = {
        "all": (), "carrier": ("carrier",), "delivery_mode": ("delivery_mode",), "zone": ("zone",),
        "warehouse": ("warehouse",),
        "carrier+delivery_mode+zone": ("carrier", "delivery_mode", "zone"),
        "days_late": ("capped",),
    }  # fmt: skip
    counts: dict[tuple[str, str], Counter] = {}

    def book(row: dict, order: dict | None, what: dict[str, bool]) -> None:
        days = order["late"] if order else None
        row = {**row, "capped": None if days is None else str(min(days, 7))}
        for name, parts in types.items():
            value = "|".join(row[part] or "unknown" for part in parts) or "all"
            counts.setdefault((name, value), Counter()).update(
                {key: 1 for key, happened in what.items() if happened}
            )

    for row in survey_rows(shop):
        score = row["score"] if row["responded_at"] is not None else None
        nps = row["survey_type"] == "nps" and score is not None
        csat = row["survey_type"] == "csat" and score is not None
        book(row, late.get(row["order_id"]), {
            "surveys_sent": row["sent_at"] is not None,
            "surveys_answered": row["sent_at"] is not None and row["responded_at"] is not None,
            "nps_answers": nps,
            "nps_promoters": nps and score >= 9,
            "nps_passives": nps and 7 <= score <= 8,
            "nps_detractors": nps and score <= 6,
            "csat_answers": csat,
            "csat_satisfied": csat and score >= 4,
        })  # fmt: skip
    for order in late.values():
        book(order, order, {
            "orders_delivered": True,
            "orders_with_complaint": order["complained"],
            "orders_followed": order["followed"] is not None,
            "orders_with_repeat": bool(order["followed"]),
        })  # fmt: skip
    names = (
        "surveys_sent", "surveys_answered", "nps_answers", "nps_promoters", "nps_passives",
        "nps_detractors", "csat_answers", "csat_satisfied", "orders_delivered",
        "orders_with_complaint", "orders_followed", "orders_with_repeat",
    )  # fmt: skip
    rows = []
    for (name, value), count in counts.items():
        answers = [100] * count["nps_promoters"] + [0] * count["nps_passives"]
        answers += [-100] * count["nps_detractors"]
        nps = low = None
        if answers:
            nps = float(np.mean(answers))
            low = max(nps - Z_95 * float(np.std(answers)) / math.sqrt(len(answers)), -100.0)
        rows.append((name, value, *(count[key] for key in names), nps, low))
    return pl.DataFrame(
        rows,
        schema={
            "segment_type": pl.String, "segment_value": pl.String,
            **dict.fromkeys(names, pl.Int64), "nps": pl.Float64, "nps_ci_low": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def lateness_cost(shop: Shop) -> pl.DataFrame:
    """The table of the same name: regressions with and without a dummy for each stratum."""
    late = {row["order_id"]: row for row in late_orders(shop) if row["late"] is not None}

    def observation(order: dict, result: float) -> tuple[str, int, float]:
        parts = (order[name] or "unknown" for name in ("carrier", "delivery_mode", "zone"))
        return "|".join(parts), min(order["late"], 7), result

    outcomes = {
        "nps": [
            observation(late[row["order_id"]],
                        100.0 if row["score"] >= 9 else -100.0 if row["score"] <= 6 else 0.0)
            for row in shop.table("surveys").iter_rows(named=True)
            if row["survey_type"] == "nps" and row["score"] is not None
            and row["responded_at"] is not None and row["order_id"] in late
        ],
        "repeat_purchase_90d": [
            observation(order, float(order["followed"]))
            for order in late.values() if order["followed"] is not None
        ],
    }  # fmt: skip
    rows = []
    for outcome, seen in outcomes.items():
        if not seen:
            continue
        strata = np.array([stratum for stratum, _, _ in seen])
        days = np.array([day for _, day, _ in seen], dtype=float)
        result = np.array([value for _, _, value in seen])
        dummies = (strata[:, None] == np.unique(strata)[None, :]).astype(float)
        slopes = []
        for controls in (np.ones((len(seen), 1)), dummies):
            design = np.column_stack([days, controls])
            fit = np.linalg.lstsq(design, result, rcond=None)[0]
            rest = result - design @ fit
            spare = len(seen) - design.shape[1]
            leftover = days - controls @ np.linalg.lstsq(controls, days, rcond=None)[0]
            if leftover @ leftover < 1e-9:
                # all of a stratum are equally late: there is no slope
                slopes += [None, None]
                continue
            slopes.append(float(fit[0]))
            if spare > 0:
                width = Z_95 * math.sqrt((rest @ rest) / spare / (leftover @ leftover))
                slopes.append(float(fit[0]) - width)
            else:
                slopes.append(None)
        rows.append((outcome, "per_day", len(seen), None, *slopes))
        on_time = days == 0
        for day in sorted(set(days) - {0}):
            here = days == day
            weights, differences, variances = [], [], []
            for stratum in np.unique(strata):
                ours, theirs = here & (strata == stratum), on_time & (strata == stratum)
                if ours.any() and theirs.any():
                    n, m = ours.sum(), theirs.sum()
                    weights.append(n * m / (n + m))
                    differences.append(result[ours].mean() - result[theirs].mean())
                    if here.sum() > 1 and on_time.sum() > 1:
                        variances.append(
                            result[here].var(ddof=1) / n + result[on_time].var(ddof=1) / m
                        )
            mixed = mixed_low = low = None
            plain = result[here].mean() - result[on_time].mean() if on_time.any() else None
            if plain is not None and here.sum() > 1 and on_time.sum() > 1:
                low = plain - Z_95 * math.sqrt(
                    result[here].var(ddof=1) / here.sum()
                    + result[on_time].var(ddof=1) / on_time.sum()
                )
            if weights:
                mixed = np.average(differences, weights=weights)
                if variances:
                    spread = np.dot(np.square(weights), variances) / sum(weights) ** 2
                    mixed_low = mixed - Z_95 * math.sqrt(spread)
            rows.append((outcome, str(int(day)), int(here.sum()), result[here].mean(), plain, low,
                         mixed, mixed_low))  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={
            "outcome": pl.String, "lateness": pl.String, "observations": pl.Int64,
            "value": pl.Float64, "difference": pl.Float64, "ci_low": pl.Float64,
            "difference_at_equal_mix": pl.Float64, "equal_mix_ci_low": pl.Float64,
        },
        orient="row",
    )  # fmt: skip
