"""Expected value of customers by BG/NBD and Gamma-Gamma, by another road than the project's.

The likelihoods are written as in the papers' worksheets and differentiated by complex steps, the
maximum is the root of the slopes, and expected orders are an integral over the chance to drop out
in place of a hypergeometric function:

    E[Y(t)] = P(alive) x integral over p of (1 - (1 + p t / (alpha + T))^-(r + x)) / p

with p ~ beta(a, b + x), as a customer of rate l and chance p buys (1 - exp(-l p t)) / p times.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import loggamma, roots_sh_jacobi

from .raw import MONEY_UNITS
from .shop import Shop

MINIMUM_CUSTOMERS = 1_000
MONTHS = 12
NODES = 80


def transactions(shop: Shop) -> pl.DataFrame:
    """One row a customer with a valid order up to as_of: x, t_x and T in weeks, mean m (35)."""
    days = (
        shop.valid_orders.filter(pl.col("customer_id").is_not_null(), pl.col("day") <= shop.as_of)
        .group_by("customer_id", "day")
        .agg(pl.col("net_sales").cast(pl.Int128).sum().cast(pl.Float64) / MONEY_UNITS)
        .sort("customer_id", "day")
    )
    first, last = pl.col("day").first(), pl.col("day").last()
    return days.group_by("customer_id", maintain_order=True).agg(
        (pl.len() - 1).cast(pl.Float64).alias("x"),
        ((last - first).dt.total_days() / 7).alias("t_x"),
        ((pl.lit(shop.as_of) - first).dt.total_days() / 7).alias("age"),
        pl.col("net_sales").slice(1).mean().fill_null(0.0).alias("m"),
    )


def maximum(likelihood: Callable, start: list[float]) -> np.ndarray | None:
    """The parameters (above 0) at which the slopes of a mean log likelihood vanish."""
    size = len(start)

    def slopes(point: np.ndarray) -> np.ndarray:
        tiny = 1e-30
        return np.array(
            [likelihood(np.exp(point + 1j * tiny * np.eye(size)[k])).imag / tiny
             for k in range(size)]
        )  # fmt: skip

    with np.errstate(all="ignore"):
        point = minimize(
            lambda point: -likelihood(np.exp(point.astype(complex))).real,
            np.log(start),
            method="Nelder-Mead",
            options={"xatol": 1e-5, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
        ).x
        for _ in range(20):
            steps = 1e-5 * np.eye(size)
            bend = np.array([(slopes(point + s) - slopes(point - s)) / 2e-5 for s in steps])
            try:
                move = np.linalg.solve(bend, slopes(point))
            except np.linalg.LinAlgError:
                return None
            if not np.isfinite(move).all() or np.max(np.abs(move)) > 1:
                return None
            point = point - move
            if np.max(np.abs(move)) < 1e-12:
                break
        return np.exp(point) if np.max(np.abs(slopes(point))) < 1e-9 else None


def buying_parameters(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray | None:
    """r, alpha, a, b of the BG/NBD model; None where it cannot be trusted."""
    if len(x) < MINIMUM_CUSTOMERS or not (x > 0).any():
        return None

    def likelihood(parameters: np.ndarray) -> complex:
        r, alpha, a, b = parameters
        first = loggamma(r + x) - loggamma(r) + r * np.log(alpha)
        second = loggamma(a + b) + loggamma(b + x) - loggamma(b) - loggamma(a + b + x)
        third = -(r + x) * np.log(alpha + age)
        repeat = x > 0
        fourth = (
            np.log(a) - np.log(b + x[repeat] - 1) - (r + x[repeat]) * np.log(alpha + t_x[repeat])
        )
        third = third.astype(complex)
        third[repeat] += np.log(1 + np.exp(fourth - third[repeat]))
        return np.mean(first + second + third)

    found = maximum(likelihood, [0.5, 5.0, 0.5, 2.0])
    return None if found is None or max(found[2:]) >= 50 else found


def spending_parameters(x: np.ndarray, m: np.ndarray) -> np.ndarray | None:
    """p, q, gamma of the Gamma-Gamma model; None where it cannot be trusted."""
    keep = (x > 0) & (m > 0)
    x, m = x[keep], m[keep]
    if len(x) < 2 or abs(np.corrcoef(x, m)[0, 1]) > 0.3:
        return None

    def likelihood(parameters: np.ndarray) -> complex:
        p, q, gamma = parameters
        return np.mean(
            loggamma(p * x + q) - loggamma(p * x) - loggamma(q)
            + q * np.log(gamma) + (p * x - 1) * np.log(m) + p * x * np.log(x)
            - (p * x + q) * np.log(gamma + x * m)
        )  # fmt: skip

    found = maximum(likelihood, [3.0, 3.0, float(np.mean(m))])
    return None if found is None or found[1] <= 1 else found


def expected_orders(
    parameters: np.ndarray, t: float, x: np.ndarray, t_x: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Expected transactions in the next t weeks, by quadrature over the chance to drop out."""
    r, alpha, a, b = parameters
    alive = np.ones_like(x)
    repeat = x > 0
    ratio = (alpha + age[repeat]) / (alpha + t_x[repeat])
    alive[repeat] = 1 / (1 + a / (b + x[repeat] - 1) * ratio ** (r + x[repeat]))
    expected = np.empty_like(x)
    for repeats in np.unique(x):
        alike = x == repeats
        # weight p^(a-1) (1-p)^(b+x-1) on 0 to 1
        nodes, weights = roots_sh_jacobi(NODES, a + b + repeats - 1, a)
        bought = (
            -np.expm1(-(r + repeats) * np.log1p(nodes * t / (alpha + age[alike])[:, None])) / nodes
        )
        expected[alike] = bought @ (weights / weights.sum())
    return alive * expected


def margin_rate(shop: Shop) -> float | None:
    """Gross margin over the net revenue of what has a known cost, up to as_of."""
    sold = shop.base_items.filter(
        "is_valid", pl.col("unit_cost").is_not_null(), pl.col("day") <= shop.as_of
    )
    back = shop.base_refunds.filter("has_cost", pl.col("day") <= shop.as_of)

    def total(frame: pl.DataFrame, column: str) -> int:
        return sum(int(value) for value in frame[column].to_list())

    revenue = total(sold, "net_sales") - total(back, "amount")
    margin = revenue - total(sold, "cogs") + total(back, "cost_back")
    return margin / revenue if revenue else None


def expected_values(shop: Shop) -> pl.DataFrame:
    """customer_id, orders, net sales and value expected in the 365 days after as_of, or nulls."""
    people = transactions(shop)
    x, t_x, age, m = (people[name].to_numpy().astype(float) for name in ("x", "t_x", "age", "m"))
    buying = buying_parameters(x, t_x, age)
    spending = None if buying is None else spending_parameters(x, m)
    rate = margin_rate(shop)
    orders = discounted = None
    if buying is not None:
        worth = (1 + shop.variable("annual_discount_rate")) ** (-1 / MONTHS)
        discounted, before = np.zeros_like(x), np.zeros_like(x)
        for month in range(1, MONTHS + 1):
            orders = expected_orders(buying, 365 / 7 * month / MONTHS, x, t_x, age)
            discounted += (orders - before) * worth**month
            before = orders
    spend = None
    if spending is not None:
        p, q, gamma = spending
        repeats = np.where(m > 0, x, 0)
        spend = p * (gamma + repeats * m) / (p * repeats + q - 1)
    empty = [None] * len(x)
    known = spend is not None
    return people.select("customer_id").with_columns(
        pl.Series("expected_orders", empty if orders is None else orders, dtype=pl.Float64),
        pl.Series("expected_sales", orders * spend if known else empty, dtype=pl.Float64),
        pl.Series(
            "expected_value",
            discounted * spend * rate if known and rate is not None else empty,
            dtype=pl.Float64,
        ),
    )
