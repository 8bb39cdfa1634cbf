"""The tables of the site, a second time: funnel, causes of abandoned carts, experiments.

Each is computed by another road than the SQL: a session's events are walked through in their
order of time, an experiment's looks are made anew from its visitors on every day, and the
distributions are scipy's.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from scipy import stats

from .cart import recoveries
from .raw import MONEY_UNITS
from .rollup import KEYS, count, kpi_segments, money, rollup
from .sessions import session_facts
from .shop import Shop

STEPS = [
    "session", "view_item", "add_to_cart", "begin_checkout", "add_shipping_info",
    "add_payment_info", "purchase",
]  # fmt: skip
METRICS = ["conversion_rate", "revenue_per_visitor", "average_order_value"]
DEFAULTS = {
    "payment_error_pattern": (
        "card|declin|3d|three_d|secure|payment|authori|fund|fraud|bank|wallet"
    ),
    "revealed_fee_share": 0.02,
    "few_delivery_options": 1,
    "long_checkout_minutes": 15,
    "experiment_pre_period_days": 30,
}


def variable(shop: Shop, name: str) -> object:
    """A business parameter of the site, by default as the project ships it."""
    return shop.variables.get(name, DEFAULTS[name])


def walks(events: pl.DataFrame) -> Iterator[tuple[str, list[dict]]]:
    """Each session's events in order of time; equal times in the order of the steps."""
    number = {step: index for index, step in enumerate(STEPS)}
    ordered = events.with_columns(
        pl.col("event_name").replace_strict(number, default=-1).alias("step")
    ).sort("session_id", "event_at", "step", "event_id")
    for (session,), part in ordered.group_by("session_id", maintain_order=True):
        yield session, part.to_dicts()


def conversion_funnel(shop: Shop) -> pl.DataFrame:
    """Sessions by step, rates included, one row a period, segment and step."""
    events = shop.events.filter(pl.col("event_name").is_in(STEPS)).select(
        "session_id", "event_id", "event_at", "event_name"
    )
    reached = {}
    for session, walk in walks(events):
        position = 0
        for event in walk:
            if event["step"] == position + 1:
                position += 1
        reached[session] = position + 1
    depth = pl.DataFrame(
        {"session_id": list(reached), "depth": list(reached.values())},
        schema={"session_id": pl.String, "depth": pl.Int64},
    )
    facts = session_facts(shop).join(depth, on="session_id", how="left")
    rolled = rollup(
        facts.with_columns(pl.col("depth").fill_null(1)),
        "day",
        kpi_segments("sessions"),
        **{step: count(pl.col("depth") > index) for index, step in enumerate(STEPS)},
    )
    parts = []
    for index, step in enumerate(STEPS):
        before = pl.col(STEPS[max(index - 1, 0)])
        parts.append(rolled.select(
            *KEYS,
            pl.lit(index + 1).alias("step_number"),
            pl.lit(step).alias("step"),
            pl.col(step).alias("sessions"),
            pl.when(before > 0).then(pl.col(step) / before).alias("step_rate"),
            (pl.col(step) / pl.col("session")).alias("overall_rate"),
        ))  # fmt: skip
    return pl.concat(parts)


def cause_of(walk: list[dict], cart_value: int, shop: Shop) -> str:
    """The cause of one abandoned cart from what happened at its checkout, in order of time."""
    step = code = fee = options = None
    stopped, paid_for = False, False
    error_at = None
    for event in walk:
        if event["event_name"] == "checkout_error":
            stopped, code, error_at = True, event["error_code"], event["event_at"]
        else:
            # an error at the very moment of a step is not behind it
            stopped = stopped and event["event_at"] == error_at
            step = event["event_name"]
            paid_for |= step == "add_payment_info"
        if event["shipping_quote_amount"] is not None:
            fee = event["shipping_quote_amount"]
        if event["delivery_options_count"] is not None:
            options = event["delivery_options_count"]
    if stopped:
        if code is None:
            return "payment_failure" if paid_for else "form_error"
        found = re.search(str(variable(shop, "payment_error_pattern")), code)
        return "payment_failure" if found else "form_error"
    if not paid_for:
        share = Decimal(str(variable(shop, "revealed_fee_share")))
        if fee and fee > 0 and Decimal(fee) >= share * Decimal(cart_value):
            return "delivery_fee_revealed"
        if options is not None and options <= variable(shop, "few_delivery_options"):
            return "few_delivery_options"
    if walk:
        spent = walk[-1]["event_at"] - walk[0]["event_at"]
        if spent >= timedelta(minutes=variable(shop, "long_checkout_minutes")):
            return "long_checkout"
    return {
        "add_shipping_info": "left_at_shipping",
        "add_payment_info": "left_at_payment",
        "purchase": "left_at_payment",
        "begin_checkout": "left_at_checkout",
        None: "left_at_cart",
    }[step]


def abandoned_carts(shop: Shop) -> pl.DataFrame:
    """Abandoned carts with their cause and whether they came back."""
    carts = session_facts(shop).filter(pl.col("has_add_to_cart") & ~pl.col("has_order"))
    at_checkout = shop.events.filter(
        pl.col("event_name").is_in([*STEPS[3:], "checkout_error"])
    ).join(carts.select("session_id"), on="session_id", how="semi")
    walked = dict(walks(at_checkout.select(
        "session_id", "event_id", "event_at", "event_name", "error_code",
        "shipping_quote_amount", "delivery_options_count",
    )))  # fmt: skip
    causes = [
        cause_of(walked.get(session, []), value, shop)
        for session, value in carts.select("session_id", "cart_value").iter_rows()
    ]
    mature = shop.days_before_as_of(shop.variable("cart_recovery_days"))
    return recoveries(shop, carts.with_columns(pl.Series("cause", causes, pl.String))).with_columns(
        pl.col("last_order_at").is_not_null().alias("is_recovered"),
        (shop.day("ended_at") <= mature).alias("is_mature"),
    )


def cart_abandonment_causes(shop: Shop) -> pl.DataFrame:
    """Carts, value and recoveries by period, segment and cause."""
    carts = abandoned_carts(shop)
    segments = kpi_segments("cart_abandonment_rate")
    totals = rollup(carts, "day", segments, total=pl.len())
    back, old = pl.col("is_recovered"), pl.col("is_mature")
    parts = [
        rollup(
            part,
            "day",
            segments,
            carts=pl.len(),
            value=money("cart_value"),
            recovered_carts=count(back),
            recovered_value=money(pl.col("cart_value").filter(back)),
            mature_carts=count(old),
            mature_recovered_carts=count(back & old),
        ).with_columns(pl.lit(cause).alias("cause"))
        for (cause,), part in carts.group_by("cause")
    ]
    return (
        pl.concat(parts)
        .join(totals, on=KEYS)
        .with_columns((pl.col("carts") / pl.col("total")).alias("share"))
        .drop("total")
    )


# ---- experiments ---------------------------------------------------------------------------------


def seed_experiments(shop: Shop) -> dict[str, dict]:
    """The planned experiments by id."""
    with (shop.project_dir / "seeds" / "experiments.csv").open(newline="") as file:
        return {row["experiment_id"]: row for row in csv.DictReader(file)}


def split_p_value(visitors: dict[str, int], planned: str | None) -> float:
    """Chi-square of the visitors by variant against the planned shares, else equal ones."""
    shares = json.loads(planned) if planned else dict.fromkeys(visitors, 1 / len(visitors))
    if any(not shares.get(variant) for variant in visitors):
        return 0.0
    names = sorted(name for name, share in shares.items() if share > 0)
    seen = [visitors.get(name, 0) for name in names]
    expected = np.array([shares[name] for name in names]) * sum(seen)
    return float(stats.chisquare(seen, expected).pvalue) if len(names) > 1 else 1.0


def compare_means(metric: str, ours: np.ndarray, control: np.ndarray) -> dict[str, float | None]:
    """The test of one variant against control, from the observations themselves."""
    if len(ours) < 2 or len(control) < 2 or (ours.std() == 0 and control.std() == 0):
        return {"ci_low": None, "ci_high": None, "p_value": None}
    lift = ours.mean() - control.mean()
    if metric == "conversion_rate":
        pooled = np.concatenate([ours, control]).mean()
        z = lift / np.sqrt(pooled * (1 - pooled) * (1 / len(ours) + 1 / len(control)))
        half = stats.norm.ppf(0.975) * np.sqrt(
            ours.var() / len(ours) + control.var() / len(control)
        )
        return {
            "ci_low": lift - half,
            "ci_high": lift + half,
            "p_value": float(2 * stats.norm.sf(abs(z))),
            "degrees_of_freedom": None,
        }
    test = stats.ttest_ind(ours, control, equal_var=False)
    interval = test.confidence_interval(0.95)
    return {
        "ci_low": float(interval.low),
        "ci_high": float(interval.high),
        "p_value": float(test.pvalue),
        "degrees_of_freedom": float(test.df),
    }


def mixture_p_value(ours: np.ndarray, control: np.ndarray, tau: float) -> float | None:
    """1 / Lambda of one look (Johari, Pekelis and Walsh); None where it says nothing."""
    if len(ours) < 2 or len(control) < 2 or tau <= 0:
        return None
    variance = ours.var(ddof=1) / len(ours) + control.var(ddof=1) / len(control)
    if variance <= 0:
        return None
    lift = ours.mean() - control.mean()
    likelihood = np.sqrt(variance / (variance + tau**2)) * np.exp(
        tau**2 * lift**2 / (2 * variance * (variance + tau**2))
    )
    return float(min(1.0, 1.0 / likelihood))


class Experiment:
    """One experiment's visitors (excluded ones left out) and their orders as arrays."""

    def __init__(self, visitors: list[dict], orders: list[dict]) -> None:
        self.variant = np.array([visitor["variant"] for visitor in visitors])
        self.day = np.array([min(v["day"], v["last_on"]).toordinal() for v in visitors])
        self.segments = {
            ("all", "all"): np.ones(len(visitors), dtype=bool),
        }
        for name in ("device_type", "visitor_type"):
            values = np.array([visitor[name] for visitor in visitors])
            for value in sorted(set(values.tolist())):
                self.segments[name, value] = values == value
        row = {visitor["visitor_id"]: index for index, visitor in enumerate(visitors)}
        self.order_row = np.array([row[order["visitor_id"]] for order in orders], dtype=np.int64)
        self.order_day = np.array([order["day"].toordinal() for order in orders], dtype=np.int64)
        self.order_value = np.array([order["value"] for order in orders], dtype=np.float64)

    def observations(self, metric: str, variant: str, chosen: np.ndarray, until: int) -> np.ndarray:
        """What is known at the end of a day: one number a visitor, or an order."""
        who = chosen & (self.variant == variant) & (self.day <= until)
        placed = self.order_day <= until
        if metric == "average_order_value":
            return self.order_value[placed & who[self.order_row]]
        sums = np.bincount(self.order_row[placed], self.order_value[placed], len(self.variant))
        counts = np.bincount(self.order_row[placed], minlength=len(self.variant))
        return (sums if metric == "revenue_per_visitor" else (counts > 0).astype(float))[who]


def experiment_results(shop: Shop) -> pl.DataFrame:
    """Every test of every experiment, for all visitors and by segment."""
    planned = seed_experiments(shop)
    visits = shop.sessions.sort("started_at", "session_id").select(
        "visitor_id", "started_at", "device_type", "visitor_type"
    )
    seen: dict[str, list[tuple]] = {}
    for visitor, *rest in visits.iter_rows():
        seen.setdefault(visitor, []).append(tuple(rest))
    placed: dict[str, list[tuple]] = {}
    for row in (
        shop.valid_orders.filter(pl.col("visitor_id").is_not_null())
        .select("visitor_id", "ordered_at", "day", "net_sales")
        .iter_rows()
    ):
        placed.setdefault(row[0], []).append(row[1:])
    rows = []
    assignments = shop.table("experiment_assignments").with_columns(
        shop.day("assigned_at").alias("day")
    )
    for (experiment,), part in assignments.group_by("experiment_id"):
        plan = planned.get(experiment, {})
        ended = plan.get("ended_on")
        last_on = date.fromisoformat(ended) if ended else shop.as_of
        by_visitor: dict[str, list[dict]] = {}
        for row in part.iter_rows(named=True):
            by_visitor.setdefault(row["visitor_id"], []).append(row)
        visitors, orders = [], []
        for visitor, assigned in by_visitor.items():
            if len(assigned) > 1:
                continue
            [mine] = assigned
            history = seen.get(visitor, [])
            before = [visit for visit in history if visit[0] <= mine["assigned_at"]]
            at = (before[-1] if before else history[0]) if history else (None, None, None)
            visitors.append({
                **mine, "last_on": last_on,
                "device_type": at[1] or "unknown", "visitor_type": at[2] or "unknown",
            })  # fmt: skip
            for ordered_at, day, net_sales in placed.get(visitor, []):
                if ordered_at >= mine["assigned_at"] and day <= last_on:
                    value = net_sales / MONEY_UNITS
                    orders.append({"visitor_id": visitor, "day": day, "value": value})
        if visitors:
            excluded = sum(len(assigned) > 1 for assigned in by_visitor.values())
            rows += results_of(experiment, plan, Experiment(visitors, orders), excluded)
    return pl.DataFrame(rows, infer_schema_length=None)


def results_of(experiment: str, plan: dict, trial: Experiment, excluded: int) -> list[dict]:
    """The rows of one experiment."""
    variants = sorted(set(trial.variant.tolist()))
    split = {variant: int((trial.variant == variant).sum()) for variant in variants}
    p_split = split_p_value(split, plan.get("planned_split"))
    minimum_lift = float(plan.get("minimum_lift") or 0.05)
    days = sorted({*trial.day.tolist(), *trial.order_day.tolist()})
    others = len([variant for variant in variants if variant != "control"])
    rows = []
    for (segment_type, segment_value), chosen in trial.segments.items():
        for metric in METRICS:
            control = trial.observations(metric, "control", chosen, days[-1])
            for variant in variants:
                ours = trial.observations(metric, variant, chosen, days[-1])
                who = chosen & (trial.variant == variant)
                row = {
                    "experiment_id": experiment,
                    "metric": metric,
                    "variant": variant,
                    "segment_type": segment_type,
                    "segment_value": segment_value,
                    "visitors": int(who.sum()),
                    "conversions": int(who[trial.order_row].sum()),
                    "observations": len(ours),
                    "mean": ours.mean() if len(ours) else None,
                    "standard_error": (
                        ours.std(ddof=1) / np.sqrt(len(ours)) if len(ours) > 1 else None
                    ),
                    "control_mean": control.mean() if len(control) else None,
                    "comparisons": others * len(METRICS) * len(trial.segments),
                    "srm_p_value": p_split,
                    "has_sample_ratio_mismatch": p_split < 0.001,
                    "excluded_visitors": excluded,
                }
                if variant != "control":
                    row |= compare_means(metric, ours, control)
                    if len(ours) and len(control):
                        row["absolute_lift"] = ours.mean() - control.mean()
                        tau = minimum_lift * abs(control.mean())
                        looks = [
                            mixture_p_value(
                                trial.observations(metric, variant, chosen, day),
                                trial.observations(metric, "control", chosen, day),
                                tau,
                            )
                            for day in days
                        ]
                        row["always_valid_p_value"] = min(
                            (look for look in looks if look is not None), default=None
                        )
                rows.append(row)
    return rows
