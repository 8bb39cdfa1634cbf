"""The customer tables once more, in plain Python over the oracle's facts: row by row, no SQL.

Money is in whole numbers of 1e-12, as the oracle has it. Each function
returns {key: {column: value}}.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import permutations
from statistics import NormalDist, fmean, variance

import numpy as np
import polars as pl

from harness.oracle.raw import MONEY_UNITS
from harness.oracle.shop import Shop

Z = NormalDist().inv_cdf(0.975)


def rows(frame: pl.DataFrame, *columns: str) -> list[tuple]:
    return frame.select(columns).rows()


def month_of(day: date) -> int:
    return 12 * day.year + day.month - 1


def first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def cohorts(shop: Shop) -> dict:
    buyers = dict(rows(shop.valid_orders, "order_id", "customer_id"))
    last_month = month_of(shop.as_of)
    home = {}
    for customer, first, channel, country, zone in rows(
        shop.customers, "customer_id", "first_order_on", "acquisition_channel", "country_code",
        "zone",
    ):  # fmt: skip
        if month_of(first) <= last_month:
            home[customer] = (month_of(first), [
                ("all", "all"), ("acquisition_channel", channel or "unknown"),
                ("country_code", country or "unknown"), ("zone", zone or "unknown"),
            ])  # fmt: skip
    sizes: Counter = Counter()
    for born, segments in home.values():
        sizes.update((born, *segment) for segment in segments)
    active, orders, revenue, margin, entries = (defaultdict(set), *(Counter() for _ in range(4)))

    def places(customer: str | None, day: date) -> list[tuple]:
        if customer not in home or month_of(day) > last_month:
            return []
        born, segments = home[customer]
        return [(born, *segment, max(month_of(day) - born, 0)) for segment in segments]

    for customer, day in rows(shop.valid_orders, "customer_id", "day"):
        for place in places(customer, day):
            active[place].add(customer)
            orders[place] += 1
    sold = rows(shop.items, "order_id", "day", "net_sales", "cogs")
    back = [
        (order, day, -amount, -cost if has_cost else None)
        for order, day, amount, cost, has_cost in rows(
            shop.refunds, "order_id", "day", "amount", "cost_back", "has_cost"
        )
    ]
    for order, day, amount, cost in sold + back:
        for place in places(buyers.get(order), day):
            entries[place] += 1
            revenue[place] += amount
            if cost is not None:
                margin[place] += amount - cost
    known = {place[:3] for place in margin}
    result = {}
    for (born, kind, value), size in sizes.items():
        total, total_margin = 0, None
        for month in range(last_month - born + 1):
            place = (born, kind, value, month)
            total += revenue[place]
            if place in margin:
                own = margin[place]
            else:
                own = 0 if place[:3] in known and not entries[place] else None
            if own is not None:
                total_margin = (total_margin or 0) + own
            end = first_of(born + month + 1) - timedelta(days=1)
            result[first_of(born), kind, value, month] = {
                "cohort_size": size,
                "active_customers": len(active[place]),
                "retention_rate": len(active[place]) / size,
                "orders": orders[place],
                "net_revenue": revenue[place] / MONEY_UNITS,
                "gross_margin": None if own is None else own / MONEY_UNITS,
                "cumulative_net_revenue": total / MONEY_UNITS,
                "cumulative_gross_margin": scaled(total_margin),
                "cumulative_net_revenue_per_customer": total / MONEY_UNITS / size,
                "cumulative_gross_margin_per_customer": scaled(total_margin, size),
                "is_complete": end <= shop.as_of,
            }
    return result


def scaled(amount: int | None, size: int = 1) -> float | None:
    return None if amount is None else amount / MONEY_UNITS / size


def kaplan_meier(waits: list[tuple[int, bool]]) -> list[tuple[int, float]]:
    """(day, share still away after it) for each day on which a wait ends."""
    curve, away = [], 1.0
    for day in sorted({days for days, ended in waits if ended}):
        waiting = sum(days >= day for days, _ in waits)
        away *= 1 - sum(days == day and ended for days, ended in waits) / waiting
        curve.append((day, away))
    return curve


def still_away(curve: list[tuple[int, float]], day: int) -> float:
    index = bisect_right(curve, day, key=lambda point: point[0])
    return curve[index - 1][1] if index else 1.0


def intervals(shop: Shop) -> dict:
    bought = shop.valid_orders.filter(pl.col("customer_id").is_not_null()).sort(
        "ordered_at", "order_id"
    )
    contents = defaultdict(set)
    for order, category in rows(shop.items, "order_id", "category"):
        contents[order].add(category)
    chains = defaultdict(list)
    for order in bought.iter_rows(named=True):
        chains[order["customer_id"], None].append(order)
        for category in contents[order["order_id"]]:
            chains[order["customer_id"], category].append(order)
    gaps, waits = defaultdict(list), defaultdict(list)
    for (_, category), orders in chains.items():
        for number, order in enumerate(orders, start=1):
            if order["day"] > shop.as_of:
                continue
            if category:
                segments = [("category", category)]
            else:
                segments = [
                    ("all", "all"), ("channel", order["channel"]),
                    ("order_number", str(number) if number < 6 else "6+"),
                ]  # fmt: skip
            later = orders[number] if number < len(orders) else None
            if later is not None and later["day"] <= shop.as_of:
                gap = (later["ordered_at"] - order["ordered_at"]) / timedelta(days=1)
                wait = ((later["day"] - order["day"]).days, True)
            else:
                gap, wait = None, ((shop.as_of - order["day"]).days, False)
            for segment in segments:
                waits[segment].append(wait)
                if gap is not None:
                    gaps[segment].append(gap)
    result = {}
    for segment, all_waits in waits.items():
        own = gaps[segment]
        percentiles = np.percentile(own, [25, 50, 75, 90]) if own else [None] * 4
        curve = kaplan_meier(all_waits)
        end = curve[-1][1] if curve else 1.0
        longest = max(days for days, _ in all_waits)

        def day_of(share: float, curve: list = curve, end: float = end) -> int | None:
            return next((d for d, s in curve if 1 - s >= share * (1 - end) - 1e-12), None)

        result[segment] = {
            "gaps": len(own),
            "open_waits": len(all_waits) - len(own),
            **dict(
                zip(("p25_days", "median_days", "p75_days", "p90_days"), percentiles, strict=True)
            ),
            "km_median_days": next((d for d, s in curve if s <= 0.5 + 1e-12), None),
            **{
                f"km_returned_{days}d": 1 - still_away(curve, days)
                if longest >= days or end == 0
                else None
                for days in (30, 90, 180, 365)
            },
            "km_returned_ever": 1 - end,
            "due_days": day_of(0.5),
            "overdue_days": day_of(0.8),
        }
    return result


def affinity(shop: Shop, minimum: int = 5) -> dict:
    baskets = defaultdict(set)
    for order, product, category in rows(shop.items, "order_id", "product_id", "category"):
        baskets["product", order].add(product)
        if category != "unknown":
            baskets["category", order].add(category)
    single, both = Counter(), Counter()
    for (level, _), items in baskets.items():
        single.update((level, item) for item in items)
        both.update((level, *pair) for pair in permutations(sorted(items), 2))
    orders = shop.valid_orders.height
    return {
        (level, one, other): {
            "orders": orders,
            "antecedent_orders": single[level, one],
            "consequent_orders": single[level, other],
            "orders_with_both": number,
            "support": number / orders,
            "confidence": number / single[level, one],
            "lift": number / single[level, one] / (single[level, other] / orders),
        }
        for (level, one, other), number in both.items()
        if number >= minimum
    }


def basket_impact(shop: Shop, bands: tuple[float, ...] = (5, 10)) -> dict:
    spent, margins = defaultdict(Counter), Counter()
    for order, category, sales, cost in rows(
        shop.items, "order_id", "category", "net_sales", "cogs"
    ):
        spent[order][category] += sales
        if cost is not None:
            margins[order] += sales - cost
    for order, amount, cost, has_cost in rows(
        shop.refunds, "order_id", "amount", "cost_back", "has_cost"
    ):
        if has_cost:
            margins[order] += cost - amount
    groups = defaultdict(list)
    for order in shop.valid_orders.iter_rows(named=True):
        number, day = order["order_id"], order["day"]
        fee = order["shipping_fee"]
        if fee == "paid":
            amount = order["shipping_amount"] - (order["shipping_discount_amount"] or 0)
            amount = amount * order["rate"] / MONEY_UNITS
            limits = ["below", *(f"{band}_to" for band in bands[:-1])]
            names = [f"paid_{low}_{band}" for low, band in zip(limits, bands, strict=True)]
            names.append(f"paid_from_{bands[-1]}")
            fee = names[bisect_right(bands, amount)]
        main = min(
            spent[number].items(), key=lambda pair: (-pair[1], pair[0]), default=("unknown",)
        )
        basket = {
            "sales": order["net_sales"] / MONEY_UNITS,
            "units": order["units"],
            "margin": margins[number] / MONEY_UNITS if number in margins else None,
            "mix": (main[0], order["customer_type"]),
        }
        starts = {
            "day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1),
            "quarter": date(day.year, 3 * ((day.month - 1) // 3) + 1, 1),
            "year": date(day.year, 1, 1),
        }  # fmt: skip
        for grain, start in starts.items():
            groups["promotion", order["promotion"], grain, start].append(basket)
            groups["shipping_fee", fee, grain, start].append(basket)
    result = {}
    for (lever, level, grain, start), baskets in groups.items():
        reference = {"promotion": "without_promotion", "shipping_fee": "free"}[lever]
        others = groups.get((lever, reference, grain, start)) if level != reference else None
        known = [basket["margin"] for basket in baskets if basket["margin"] is not None]
        row = {
            "orders": len(baskets),
            "average_order_value": fmean(basket["sales"] for basket in baskets),
            "items_per_order": fmean(basket["units"] for basket in baskets),
            "gross_margin_per_order": fmean(known) if known else None,
            **dict.fromkeys(
                ("plain_difference", "plain_ci_low", "plain_ci_high", "mix_adjusted_difference",
                 "ci_low", "ci_high")
            ),
            "matched_orders": 0,
        }  # fmt: skip
        if others:
            row["plain_difference"], error = difference(baskets, others)
            if error is not None:
                row["plain_ci_low"] = row["plain_difference"] - Z * error
                row["plain_ci_high"] = row["plain_difference"] + Z * error
            parts = []
            for mix in {basket["mix"] for basket in baskets}:
                mine = [basket for basket in baskets if basket["mix"] == mix]
                theirs = [basket for basket in others if basket["mix"] == mix]
                if len(mine) >= 2 and len(theirs) >= 2:
                    parts.append((len(mine), len(mine) + len(theirs), *difference(mine, theirs)))
            if parts:
                total = sum(weight for _, weight, _, _ in parts)
                middle = sum(weight * gap for _, weight, gap, _ in parts) / total
                error = sum((weight * e) ** 2 for _, weight, _, e in parts) ** 0.5 / total
                row["mix_adjusted_difference"] = middle
                row["ci_low"], row["ci_high"] = middle - Z * error, middle + Z * error
                row["matched_orders"] = sum(number for number, _, _, _ in parts)
        result[lever, level, grain, start] = row
    return result


def difference(mine: list[dict], theirs: list[dict]) -> tuple[float, float | None]:
    """Difference of the mean sales, and its standard error where both have two baskets."""
    a, b = ([basket["sales"] for basket in side] for side in (mine, theirs))
    error = None
    if len(a) > 1 and len(b) > 1:
        error = (variance(a) / len(a) + variance(b) / len(b)) ** 0.5
    return fmean(a) - fmean(b), error


def seasons(shop: Shop, kpi_values: pl.DataFrame) -> dict:
    result = {}

    def series(kpi: str, grain: str) -> dict:
        return dict(
            rows(
                kpi_values.filter(
                    (pl.col("kpi") == kpi) & (pl.col("period_grain") == grain)
                    & (pl.col("segment_type") == "all") & (pl.col("period_start") <= shop.as_of)
                ), "period_start", "value",
            )
        )  # fmt: skip

    kpis = ("sessions", "orders", "net_sales", "active_customers", "new_customers")
    by_day = {kpi: known for kpi in kpis if (known := series(kpi, "day"))}
    opening = min((min(known) for known in by_day.values()), default=None)
    for kpi, known in by_day.items():
        first = min(known)
        if (first.year, first.month) == (opening.year, opening.month):
            first = opening
        days = [first + timedelta(days=n) for n in range((shop.as_of - first).days + 1)]
        weeks, months = defaultdict(list), defaultdict(list)
        for day in days:
            weeks[day - timedelta(days=day.weekday())].append(known.get(day, 0.0))
            months[month_of(day)].append(known.get(day, 0.0))
        whole = [week for week in weeks.values() if len(week) == 7]
        for position in range(7):
            total = sum(sum(week) for week in whole)
            result[kpi, "day_of_week", position + 1] = {
                "index": 7 * sum(week[position] for week in whole) / total
            }
        if first.day > 7:
            del months[month_of(first)]
        if (shop.as_of + timedelta(days=1)).day != 1:
            months.pop(month_of(shop.as_of), None)
        of_month = {month_of(day): value for day, value in series(kpi, "month").items()}
        level = {month: of_month.get(month, 0.0) / len(days) for month, days in months.items()}
        ratios = defaultdict(list)
        for month in level:
            around = [level.get(month + step) for step in range(-6, 7)]
            if None not in around:
                around[0], around[-1] = around[0] / 2, around[-1] / 2
                ratios[month % 12 + 1].append(level[month] / (sum(around) / 12))
        if len(ratios) == 12:
            means = {position: fmean(values) for position, values in ratios.items()}
            for position, mean in means.items():
                result[kpi, "month_of_year", position] = {"index": mean / fmean(means.values())}
    return result
