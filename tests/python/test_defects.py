"""Defects seen in other projects, each made here on purpose: something must turn red.

The SQL that ships is changed in the typical wrong way and built over a small shop. Either a data
test of the project fails, or the recomputation in Python disagrees. The right SQL does neither.
"""

from __future__ import annotations

from pathlib import Path

import polars
import pytest

from harness import oracle
from tests.python.project import Built, CompiledProject

DEFECTS = {
    "guest orders labelled repeat": {
        "fct_orders": ("when orders.customer_id is null then 'guest'", "when false then 'guest'"),
    },
    "cancelled orders in the average order value": {
        "int_orders_valued": ("in ('paid',", "in ('cancelled', 'paid',"),
    },
    "test orders counted": {
        "int_orders_valued": ("and not orders.is_test", ""),
    },
    "orders multiplied by a split shipment": {
        "int_orders_shipped": ("group by order_id", "group by order_id, shipped_at"),
    },
    "quantity squared in revenue": {
        "stg_order_items": (
            "base_order_items.quantity * base_order_items.unit_price",
            "base_order_items.quantity * base_order_items.quantity * base_order_items.unit_price",
        ),
    },
    "the same row counted twice": {
        "base_orders": (") = 1 then 'accepted'", ") >= 1 then 'accepted'"),
    },
    "an older copy of a row wins": {
        "base_orders": ("loaded_at desc", "loaded_at asc"),
    },
    "refunds moved to the day of the order": {
        "fct_sales_entries": ("refunded_on as booked_on", "ordered_on as booked_on"),
    },
    "refunds of cancelled orders counted": {
        "int_orders_valued": ("'delivered')", "'delivered', 'cancelled')"),
    },
    "orders dated by the customer's first order": {
        "fct_orders": (
            "orders.ordered_on,",
            "coalesce(customers.first_order_on, orders.ordered_on) as ordered_on,",
        ),
    },
    "touches after the order credited": {
        "int_order_touches": ("and orders_placed.ordered_at >= sessions.started_at", ""),
    },
    "an average of ratios": {
        "rollup_sales": (
            "sum(discounts) as discounts",
            "avg(discounts / nullif(gross_sales, 0)) * sum(gross_sales) as discounts",
        ),
    },
    "1.0 as the rate of a currency without one": {
        "base_orders": ("fx_rates.rate is null", "false"),
    },
    "equal purchases lost by a distinct sum": {
        "int_orders_valued": ("sum(net_sales)", "sum(distinct net_sales)"),
    },
    "bots counted as visitors": {
        "int_sessions_identified": ("where not sessions.is_bot", ""),
    },
    "visitors summed from days": {
        "rollup_sessions": (
            "count(distinct visitor_id)",
            "count(distinct concat(visitor_id, cast(booked_on as varchar)))",
        ),
    },
    "lines without a known cost counted as all margin": {
        "fct_sales_entries": ("net_sales - cost as", "net_sales - coalesce(cost, 0) as"),
    },
    "undelivered parcels left out of the order's delivery": {
        "int_orders_shipped": ("count(delivered_at) = count(*)", "count(delivered_at) > 0"),
    },
    "unanswered surveys counted as answers": {
        "rollup_surveys": ("'csat' then score end", "'csat' then 1 end"),
    },
    "rows lost on the way": {
        "base_refunds": ("from checked", "from checked where rejection_reason is null"),
    },
    "a data-quality figure that is made up": {
        "raw_row_accounting": ("coalesce(rejections.rows_rejected, 0)", "0"),
    },
    "an event from the future accepted": {
        "base_sessions": ("cast(typed.started_at as timestamp) >", "timestamp '2000-01-01' >"),
    },
    "a child of a rejected parent accepted": {
        "base_order_items": ("orders.order_id is null", "false"),
    },
    "returned units left in the cost of goods sold": {
        "rollup_stock": (
            "(order_items.quantity - coalesce(units_returned.units, 0))",
            "order_items.quantity",
        ),
    },
    "stock added up over days, not averaged": {
        "rollup_stock": (
            "nullif(cast(snapshot_days as double), 0) as mean_stock_value",
            "1 as mean_stock_value",
        ),
    },
    "a forecast that knows the days it forecasts": {
        "int_demand_forecasts": ("origins.origin_on >= demand_days.demand_on", "true"),
    },
    "stock-outs left in the base of the forecast": {
        "int_demand_days": ("and not is_stockout", ""),
    },
    "units of the backtest left out": {
        "int_demand_forecasts": (
            "coalesce(sold.units, 0) end as units_sold",
            "case when sold.is_base then sold.units else 0 end end as units_sold",
        ),
    },
    "stages all measured from the order on": {
        "int_fulfilment_stages": (
            "coalesce(released_at, paid_at, ordered_at) as started_at",
            "ordered_at as started_at",
        ),
    },
    "orders that wait forgotten": {
        "rollup_backlog": ("where last_shipped_on is null or", "where"),
    },
    "answers of 8 left out of the NPS parts": {
        "satisfaction_by_delivery": ("score in (7, 8)", "score = 7"),
    },
}  # fmt: skip


def red(built: Built, expected: oracle.Result) -> list[str]:
    """The proofs that disagree with what was built: data tests by name, and the oracle."""
    proofs = list(built.failures)
    actual = built.connection.sql("from kpi_values").pl()
    wanted = expected.kpi_values.filter(polars.col("kpi").is_in(actual["kpi"].unique().implode()))
    if not oracle.compare(wanted, actual).is_empty():
        proofs.append("oracle")
    return proofs


@pytest.fixture(scope="module")
def expected(small_shop: Path) -> oracle.Result:
    return oracle.compute(small_shop)


def test_nothing_is_red_without_a_defect(
    compiled: CompiledProject, small_shop: Path, expected: oracle.Result
) -> None:
    assert red(compiled.build(small_shop), expected) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_noticed(
    defect: str, compiled: CompiledProject, small_shop: Path, expected: oracle.Result
) -> None:
    assert red(compiled.build(small_shop, DEFECTS[defect]), expected) != []
