"""The search for a maximum of the likelihood, over the logarithms of parameters above 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]
# The mean loss of a customer and its slopes, at logarithms of the parameters.
Loss = Callable[[Array], tuple[float, Array]]

FURTHEST = 14.0  # parameters from 1e-6 to 1e6
STEP = 1e-4
FLAT = 1e-6


class Maximum(NamedTuple):
    """Parameters, their standard errors, the mean loss there, and whether it is a maximum."""

    parameters: Array
    standard_errors: Array
    loss: float
    has_converged: bool


def maximise(loss: Loss, start: Array, customers: float) -> Maximum:
    """From a fixed start, so that it repeats: L-BFGS-B, then Newton until nothing is gained.

    The last steps take the slopes down to rounding: what is found does not depend on the road.
    """
    with np.errstate(all="ignore"):
        found = minimize(
            loss, np.log(start), jac=True, method="L-BFGS-B",
            bounds=[(-FURTHEST, FURTHEST)] * len(start),
            options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9},
        )  # fmt: skip
        best, (value, slopes) = found.x, loss(found.x)
        for _ in range(5):
            try:
                step = np.linalg.solve(curvature(loss, best), slopes)
            except np.linalg.LinAlgError:
                break
            tried = best - step
            if not (np.abs(step) < 0.1).all() or not (np.abs(tried) < FURTHEST).all():
                break
            value_there, slopes_there = loss(tried)
            if not np.max(np.abs(slopes_there)) < np.max(np.abs(slopes)):
                break
            best, value, slopes = tried, value_there, slopes_there
        try:
            variance = np.diag(np.linalg.inv(curvature(loss, best) * customers))
        except np.linalg.LinAlgError:
            variance = np.full(len(best), np.nan)
        return Maximum(
            np.exp(best),
            np.exp(best) * np.sqrt(variance),
            float(value),
            bool(np.isfinite(value) and np.max(np.abs(slopes)) < FLAT),
        )


def curvature(loss: Loss, point: Array) -> Array:
    """Second derivatives, by central differences of the slopes."""
    rows = []
    for index in range(len(point)):
        move = np.zeros(len(point))
        move[index] = STEP
        rows.append((loss(point + move)[1] - loss(point - move)[1]) / (2 * STEP))
    return (np.array(rows) + np.array(rows).T) / 2
