"""BG/NBD: how often a customer will buy again (Fader, Hardie & Lee 2005, Marketing Science 24(2)).

A customer is x repeat transactions, the time t_x of the last one and the time T of observation,
both from the first transaction, in one unit (here weeks). Numerically as in Fader & Hardie's note
027: sums of logarithms, nothing that overflows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln, hyp2f1, psi

from .maximum import maximise

Array = NDArray[np.float64]


class Parameters(NamedTuple):
    """r, alpha: gamma of the buying rate. a, b: beta of the chance to drop out after a purchase."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class Fit:
    """Maximum likelihood: parameters, their standard errors, and how the search ended."""

    parameters: Parameters
    standard_errors: Parameters
    log_likelihood: float
    has_converged: bool


def log_likelihood_terms(
    parameters: Parameters, x: Array, t_x: Array, age: Array
) -> tuple[Array, Array]:
    """ln L of each customer, and the share of it that comes from having dropped out."""
    r, alpha, a, b = parameters
    alive = -(r + x) * np.log(alpha + age)
    # b + x - 1 is the chance to drop out after the last purchase: none after the first one
    after_last = np.where(x > 0, b + x - 1, 1.0)
    dropped = np.where(
        x > 0, np.log(a) - np.log(after_last) - (r + x) * np.log(alpha + t_x), -np.inf
    )
    either = np.logaddexp(alive, dropped)
    terms = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + either
    )
    return terms, np.exp(dropped - either)


def log_likelihood(
    parameters: Parameters, x: ArrayLike, t_x: ArrayLike, age: ArrayLike, weights: ArrayLike = 1.0
) -> float:
    """ln L of all customers; `weights` is how many customers a row stands for."""
    terms, _ = log_likelihood_terms(parameters, *as_arrays(x, t_x, age))
    return float(np.sum(terms * weights))


def gradient(
    parameters: Parameters, x: Array, t_x: Array, age: Array, weights: Array
) -> tuple[float, Array]:
    """ln L and its derivatives by ln r, ln alpha, ln a, ln b."""
    r, alpha, a, b = parameters
    terms, dropped = log_likelihood_terms(parameters, x, t_x, age)
    after_last = np.where(x > 0, b + x - 1, 1.0)
    by_r = (
        psi(r + x) - psi(r) + np.log(alpha)
        - (1 - dropped) * np.log(alpha + age) - dropped * np.log(alpha + t_x)
    )  # fmt: skip
    by_alpha = r / alpha - (r + x) * ((1 - dropped) / (alpha + age) + dropped / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x) + dropped / a
    by_b = psi(b + x) - psi(b) + psi(a + b) - psi(a + b + x) - dropped / after_last
    slopes = np.array(
        [np.sum(slope * weights) for slope in (r * by_r, alpha * by_alpha, a * by_a, b * by_b)]
    )
    return float(np.sum(terms * weights)), slopes


def fit(x: ArrayLike, t_x: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None) -> Fit:
    """Maximum likelihood from a fixed start, so that it repeats.

    Customers who are alike may be given as one row with their number in `weights`: that is exact,
    and half the time.
    """
    x, t_x, age = as_arrays(x, t_x, age)
    weights = np.ones_like(x) if weights is None else np.asarray(weights, dtype=float)
    customers = weights.sum()

    def loss(logarithms: Array) -> tuple[float, Array]:
        value, slopes = gradient(Parameters(*np.exp(logarithms)), x, t_x, age, weights)
        return -value / customers, -slopes / customers

    start = np.array([1.0, max(float(np.sum(age * weights) / customers), 1e-3), 1.0, 1.0])
    found = maximise(loss, start, customers)
    return Fit(
        Parameters(*map(float, found.parameters)),
        Parameters(*map(float, found.standard_errors)),
        float(-found.loss * customers),
        found.has_converged,
    )


def probability_alive(
    parameters: Parameters, x: ArrayLike, t_x: ArrayLike, age: ArrayLike
) -> Array:
    """Chance not to have dropped out; 1 for every one-time buyer, whatever the time since."""
    r, alpha, a, b = parameters
    x, t_x, age = as_arrays(x, t_x, age)
    after_last = np.where(x > 0, b + x - 1, 1.0)
    odds = np.log(a) - np.log(after_last) + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700.0))), 1.0)


def probability_of_order(
    parameters: Parameters, horizon: float, x: ArrayLike, t_x: ArrayLike, age: ArrayLike
) -> Array:
    """Chance of at least one transaction in the next `horizon`: ranks the risk to lose them."""
    r, alpha, _, _ = parameters
    x, t_x, age = as_arrays(x, t_x, age)
    none = np.exp((r + x) * (np.log(alpha + age) - np.log(alpha + age + horizon)))
    return probability_alive(parameters, x, t_x, age) * (1 - none)


def expected_orders(
    parameters: Parameters,
    horizon: ArrayLike,
    x: ArrayLike,
    t_x: ArrayLike,
    age: ArrayLike,
    terms: int | None = None,
) -> Array:
    """Expected transactions in the next `horizon` (eq. 10, after an Euler transform).

    The transform changes no value but cannot overflow, and its series converges fast enough for
    SQL: `terms` sums that many terms, as the SQL does, in place of scipy's function.
    """
    r, alpha, a, b = parameters
    # the formula is 0 / 0 at a = 1, where its limit is finite
    a = 1 + 1e-6 if abs(a - 1) < 1e-6 else a
    x, t_x, age = as_arrays(x, t_x, age)
    horizon = np.asarray(horizon, dtype=float)
    z = horizon / (alpha + age + horizon)
    if terms is None:
        series = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    else:
        series = np.ones_like(z + x)
        for k in reversed(range(terms)):
            factor = (a + b - 1 - r + k) * (a - 1 + k) / ((a + b + x - 1 + k) * (k + 1))
            series = 1 + factor * z * series
    growth = (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * series)
    return growth * probability_alive(parameters, x, t_x, age)


def expected_orders_of_new(parameters: Parameters, horizon: ArrayLike) -> Array:
    """E[X(t)] of a customer just won (eq. 9)."""
    r, alpha, a, b = parameters
    horizon = np.asarray(horizon, dtype=float)
    bought = (alpha / (alpha + horizon)) ** r * hyp2f1(r, b, a + b - 1, horizon / (alpha + horizon))
    return (a + b - 1) / (a - 1) * (1 - bought)


def probability_of_orders(parameters: Parameters, horizon: float, orders: int) -> float:
    """P(X(t) = x) of a customer just won (eq. 8)."""
    r, alpha, a, b = parameters
    share = horizon / (alpha + horizon)

    def poisson(count: ArrayLike) -> Array:
        logarithm = (
            gammaln(r + count) - gammaln(r) - gammaln(np.add(count, 1))
            + r * np.log1p(-share) + np.multiply(count, np.log(share))
        )  # fmt: skip
        return np.exp(logarithm)

    stayed = np.exp(betaln(a, b + orders) - betaln(a, b)) * poisson(orders)
    if orders == 0:
        return float(stayed)
    left = np.exp(betaln(a + 1, b + orders - 1) - betaln(a, b))
    return float(stayed + left * (1 - np.sum(poisson(np.arange(orders)))))


def as_arrays(*values: ArrayLike) -> list[Array]:
    return [np.asarray(value, dtype=float) for value in values]
