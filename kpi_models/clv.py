"""A shop's customers fitted, checked on a hold-out period, and judged: may the result be used?

The rows that come out are the table clv_model: one a parameter, whatever the shop, with a note
where a value is missing or not to be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import bg_nbd, gamma_gamma

Array = NDArray[np.float64]

# With fewer customers the total of the next year is off by more than 7 % (one sigma), and some
# fits have no maximum at all; measured in simulations.
MINIMUM_CUSTOMERS = 1_000
# The check on a hold-out period has to do with the customers of that time, who are fewer.
MINIMUM_HOLDOUT_CUSTOMERS = 500
# Above it the chance to drop out is the same for everybody, and the fit has run off.
LARGEST_A_OR_B = 50.0
# Spending has to be independent of how often a customer buys; a judgement, 0.11 in CDNOW.
LARGEST_CORRELATION = 0.3
# Terms of the series by which the SQL computes expected orders, and how far it may be off.
SERIES_TERMS = 100
LARGEST_SERIES_ERROR = 1e-3
DAYS_IN_WEEK = 7.0


class Row(NamedTuple):
    """One row of clv_model."""

    parameter: str
    value: float | None
    note: str | None = None


class Customers(NamedTuple):
    """Customers in one order: repeat days, weeks to the last one, weeks observed, mean spend.

    `mean` is that of the repeat days, 0 without one.
    """

    x: Array
    t_x: Array
    age: Array
    mean: Array

    @classmethod
    def of(cls, columns: Mapping[str, Array], prefix: str = "") -> Customers:
        """From the columns of int_customers_transacted; missing values are 0."""
        names = ("repeat_days", "recency_days", "age_days", "mean_repeat_net_sales")
        x, recency, age, mean = (
            np.ma.filled(np.ma.asarray(columns[prefix + name], dtype=float), 0.0) for name in names
        )
        return cls(x, recency / DAYS_IN_WEEK, age / DAYS_IN_WEEK, mean)

    @property
    def spending(self) -> Array:
        """Who has a mean to be fitted: it must be above 0."""
        return (self.x > 0) & (self.mean > 0)


class Models(NamedTuple):
    """Both fits, and why one may not be used (null where it may)."""

    orders: bg_nbd.Fit | None
    spend: gamma_gamma.Fit | None
    orders_refused: str | None
    spend_refused: str | None
    correlation: float | None
    series_error: float | None


def fit(customers: Customers, horizon: float, minimum: int) -> Models:
    """Fits both models; each is refused for a reason."""
    number = len(customers.x)
    correlation = series_error = spend = None
    if number < minimum:
        reason = f"{number} customers are fewer than {minimum}"
        return Models(None, None, reason, reason, None, None)
    if not (customers.x > 0).any():
        reason = "no customer has bought on a second day"
        return Models(None, None, reason, reason, None, None)

    # customers who are alike are one row: exact, and half the time
    alike, counts = np.unique(
        np.column_stack([customers.x, customers.t_x, customers.age]), axis=0, return_counts=True
    )
    x, t_x, age = alike.T
    orders = bg_nbd.fit(x, t_x, age, counts)
    refused = refuse_orders(orders)
    if refused is None:
        exact = bg_nbd.expected_orders(orders.parameters, horizon, x, t_x, age)
        series = bg_nbd.expected_orders(orders.parameters, horizon, x, t_x, age, SERIES_TERMS)
        series_error = float(np.max(np.abs(exact - series)))
        if not np.isfinite(exact).all() or not series_error <= LARGEST_SERIES_ERROR:
            refused = f"{SERIES_TERMS} terms of the series are off by up to {series_error:.2g}"

    spending = customers.spending
    if spending.sum() < 2 or np.ptp(customers.mean[spending]) == 0:
        return Models(
            orders, None, refused, "no two customers spend differently", None, series_error
        )
    order = np.lexsort([customers.mean[spending], customers.x[spending]])
    x, mean = customers.x[spending][order], customers.mean[spending][order]
    if np.ptp(x) > 0:
        correlation = float(np.corrcoef(x, mean)[0, 1])
    spend = gamma_gamma.fit(x, mean)
    return Models(
        orders, spend, refused, refused or refuse_spend(spend, correlation), correlation,
        series_error,
    )  # fmt: skip


def refuse_orders(fitted: bg_nbd.Fit) -> str | None:
    """Why the buying model may not be used."""
    if not all(map(math.isfinite, (*fitted.parameters, fitted.log_likelihood))):
        return "the fit is not a number"
    if max(fitted.parameters.a, fitted.parameters.b) >= LARGEST_A_OR_B:
        return f"a or b is {LARGEST_A_OR_B:.0f} or more: dropping out cannot be told from the data"
    if not fitted.has_converged:
        return "the search for the maximum did not converge"
    return None


def refuse_spend(fitted: gamma_gamma.Fit, correlation: float | None) -> str | None:
    """Why the spending model may not be used."""
    if not all(map(math.isfinite, (*fitted.parameters, fitted.log_likelihood))):
        return "the fit of spending is not a number"
    if not fitted.has_converged:
        return "the search for the maximum of spending did not converge"
    if fitted.parameters.q <= 1:
        return "q is 1 or less: mean spending is infinite"
    if correlation is not None and abs(correlation) > LARGEST_CORRELATION:
        return f"spending depends on how often customers buy (correlation {correlation:.2f})"
    return None


def holdout(columns: Mapping[str, Array], days: float) -> list[Row]:
    """Fits on the customers of `days` before the end and compares what they did in those days."""
    names = ("customers", "actual_orders", "expected_orders", "bias", "rmse", "correlation",
             "actual_net_sales", "expected_net_sales", "net_sales_bias")  # fmt: skip
    values: dict[str, float] = {}
    known = ~np.ma.getmaskarray(np.ma.asarray(columns["calibration_age_days"]))
    then = Customers(*(part[known] for part in Customers.of(columns, "calibration_")))
    values["customers"] = float(known.sum())
    weeks = days / DAYS_IN_WEEK
    models = fit(then, weeks, MINIMUM_HOLDOUT_CUSTOMERS) if days > 0 else None
    note = "the history is too short" if models is None else models.orders_refused
    if models and note is None:
        actual = filled(columns["holdout_repeat_days"])[known]
        expected = bg_nbd.expected_orders(models.orders.parameters, weeks, *then[:3])
        values["actual_orders"] = float(actual.sum())
        values["expected_orders"] = float(expected.sum())
        values["rmse"] = float(np.sqrt(np.mean((expected - actual) ** 2)))
        if np.ptp(actual) > 0 and np.ptp(expected) > 0:
            values["correlation"] = float(np.corrcoef(expected, actual)[0, 1])
        if actual.sum() > 0:
            values["bias"] = float(expected.sum() / actual.sum() - 1)
        sales = float(filled(columns["holdout_net_sales"])[known].sum())
        values["actual_net_sales"] = sales
        if models.spend_refused is None:
            spend = mean_spend(models.spend.parameters, then)
            values["expected_net_sales"] = float((expected * spend).sum())
            if sales > 0:
                values["net_sales_bias"] = values["expected_net_sales"] / sales - 1
    rows = [Row("holdout_days", float(days))]
    for name in names:
        value = values.get(name)
        rows.append(Row(f"holdout_{name}", value, note if value is None else None))
    return rows


def mean_spend(parameters: gamma_gamma.Parameters, customers: Customers) -> Array:
    """Expected spend at a transaction; customers without a mean to go by get everybody's."""
    x = np.where(customers.spending, customers.x, 0.0)
    return gamma_gamma.expected_spend(
        parameters, x, np.where(customers.spending, customers.mean, 0)
    )


def filled(column: Array) -> Array:
    return np.ma.filled(np.ma.asarray(column, dtype=float), 0.0)


def model_rows(columns: Mapping[str, Array], horizon_days: float) -> list[Row]:
    """The table clv_model from the columns of int_customers_transacted (one value a customer)."""
    customers = Customers.of(columns)
    models = fit(customers, horizon_days / DAYS_IN_WEEK, MINIMUM_CUSTOMERS)
    rows = [
        Row("is_trustworthy", float(models.orders_refused is None), models.orders_refused),
        Row("is_spend_trustworthy", float(models.spend_refused is None), models.spend_refused),
        Row("customers", float(len(customers.x))),
        Row("repeat_customers", float((customers.x > 0).sum())),
        Row("spending_customers", float(customers.spending.sum())),
        Row("spend_frequency_correlation", models.correlation),
        Row("horizon_days", float(horizon_days)),
        Row("series_error", models.series_error),
    ]
    for fitted, kind, suffix, why in (
        (models.orders, bg_nbd.Parameters, "bg_nbd", models.orders_refused),
        (models.spend, gamma_gamma.Parameters, "gamma_gamma", models.spend_refused),
    ):
        note = why if fitted is None else None
        for name in kind._fields:
            value = getattr(fitted.parameters, name) if fitted else None
            rows.append(Row(name, value, note))
        for name in kind._fields:
            value = getattr(fitted.standard_errors, name) if fitted else None
            rows.append(Row(f"{name}_standard_error", value, note))
        rows.append(
            Row(f"log_likelihood_{suffix}", fitted.log_likelihood if fitted else None, note)
        )
        rows.append(Row(f"has_converged_{suffix}", float(fitted.has_converged) if fitted else 0.0))
    days = filled(columns["holdout_days"])
    rows += holdout(columns, float(days[0]) if len(days) else 0.0)
    # a value that is no number is no value
    return [
        row if row.value is None or math.isfinite(row.value)
        else Row(row.parameter, None, row.note or "not a number")
        for row in rows
    ]  # fmt: skip
