"""Gamma-Gamma: what a customer spends at a transaction (Fader & Hardie 2013, note 025).

Of a customer with x > 0 repeat transactions only their mean m > 0 is needed. Spending is taken to
be independent of how often the customer buys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, psi

from .bg_nbd import as_arrays
from .maximum import maximise

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

    found = maximise(loss, np.array([1.0, 2.0, 1.0]), customers)
    scale = np.array([1.0, 1.0, unit])
    return Fit(
        Parameters(*map(float, found.parameters * scale)),
        Parameters(*map(float, found.standard_errors * scale)),
        # the density of m is that of m / unit over unit
        float(-found.loss * customers - customers * np.log(unit)),
        found.has_converged,
    )


def expected_spend(parameters: Parameters, x: ArrayLike, mean: ArrayLike) -> Array:
    """E[M | x, m]: between the customer's own mean and everybody's, which x = 0 gives."""
    p, q, gamma = parameters
    x, mean = as_arrays(x, mean)
    return p * (gamma + x * mean) / (p * x + q - 1)
