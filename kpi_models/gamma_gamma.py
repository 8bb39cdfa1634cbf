"""Gamma-Gamma: what a customer spends at a transaction (Fader & Hardie 2013, note 025).

Of a customer with x > 0 repeat transactions only their mean m > 0 is needed. Spending is taken to
be independent of how often the customer buys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from .bg_nbd import as_arrays, standard_errors

Array = NDArray[np.float64]


class Parameters(NamedTuple):
    """p: gamma of one transaction; q, gamma: gamma of its rate over the customers."""

    p: float
    q: float
    gamma: float


@dataclass(frozen=True)
class Fit:
    """Maximum likelihood: parameters, their standard errors, and how the search ended."""

    parameters: Parameters
    standard_errors: Parameters
    log_likelihood: float
    has_converged: bool


def gradient(parameters: Parameters, x: Array, mean: Array) -> tuple[float, Array]:
    """ln L and its derivatives by ln p, ln q, ln gamma."""
    p, q, gamma = parameters
    total = np.log(gamma + x * mean)
    terms = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * total
    )  # fmt: skip
    by_p = x * (psi(p * x + q) - psi(p * x) + np.log(mean) + np.log(x) - total)
    by_q = psi(p * x + q) - psi(q) + np.log(gamma) - total
    by_gamma = q / gamma - (p * x + q) / (gamma + x * mean)
    slopes = np.array([np.sum(slope) for slope in (p * by_p, q * by_q, gamma * by_gamma)])
    return float(np.sum(terms)), slopes


def log_likelihood(parameters: Parameters, x: ArrayLike, mean: ArrayLike) -> float:
    """ln L of all customers with a repeat transaction."""
    return gradient(parameters, *as_arrays(x, mean))[0]


def fit(x: ArrayLike, mean: ArrayLike) -> Fit:
    """Maximum likelihood from a fixed start; amounts are scaled by their mean for the search."""
    x, mean = as_arrays(x, mean)
    customers, unit = len(x), float(np.mean(mean))
    scaled = mean / unit

    def loss(logarithms: Array) -> tuple[float, Array]:
        value, slopes = gradient(Parameters(*np.exp(logarithms)), x, scaled)
        return -value / customers, -slopes / customers

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = minimize(
            loss, np.log([1.0, 2.0, 1.0]), jac=True, method="L-BFGS-B",
            bounds=[(-14.0, 14.0)] * 3,
            options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9},
        )  # fmt: skip
    value, slopes = loss(found.x)
    scale = np.array([1.0, 1.0, unit])
    errors = standard_errors(lambda logarithms: loss(logarithms)[1], found.x, customers) * scale
    return Fit(
        Parameters(*(float(value) for value in np.exp(found.x) * scale)),
        Parameters(*(float(error) for error in errors)),
        # the density of m is that of m / unit over unit
        -value * customers - customers * np.log(unit),
        bool(np.isfinite(value) and np.max(np.abs(slopes)) < 1e-6),
    )


def expected_spend(parameters: Parameters, x: ArrayLike, mean: ArrayLike) -> Array:
    """E[M | x, m]: between the customer's own mean and everybody's, which x = 0 gives."""
    p, q, gamma = parameters
    x, mean = as_arrays(x, mean)
    return p * (gamma + x * mean) / (p * x + q - 1)
