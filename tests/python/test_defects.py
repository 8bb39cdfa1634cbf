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
    "carts bought later counted as lost for ever": {
        "int_carts_recovered": (
            "        orders_summed.recovery_order_id,", "        null as recovery_order_id,"
        ),
    },
    "a reminder sent after the order credited": {
        "int_carts_recovered": (
            "orders_summed.last_order_at > reminders_summed.reminded_at",
            "orders_summed.last_order_at > carts.ended_at"
            " and reminders_summed.reminded_at is not null",
        ),
    },
    "carts too young to be judged counted as not recovered": {
        "rollup_carts": (
            "where is_mature_abandoned) as carts_mature,", "where is_abandoned) as carts_mature,"
        ),
    },
    "a cart worth less than nothing": {
        "int_carts_valued": ("greatest(", "least("),
    },
    "bounce rate above 1": {
        "rollup_sessions": (
            "count(*) filter (where is_engaged)", "sum(page_views) filter (where is_engaged)"
        ),
    },
    "content read after the order credited": {
        "int_orders_assisted": ("and orders_placed.ordered_at >= views.event_at", ""),
    },
    "one form of a session counted for each time it was started": {
        "fct_forms": ("group by session_id, form_id", "group by session_id, form_id, event_id"),
    },
    "the channel of a lead from the CRM although its session is known": {
        "fct_leads": (
            "coalesce(sessions.channel, leads.channel)", "coalesce(leads.channel, sessions.channel)"
        ),
    },
    "leads of channels without spend dropped from the cost": {
        "rollup_lead_costs": (
            "cross join shops_that_spend",
            "inner join (select distinct channel as paid from ad_spend) on leads.channel = paid",
        ),
    },
    "a child of a rejected parent accepted": {
        "base_order_items": ("orders.order_id is null", "false"),
    },
}  # fmt: skip


def red(built: Built, expected: oracle.Result) -> list[str]:
    """The proofs that disagree with what was built: data tests by name, and the oracle."""
    proofs = list(built.failures)
    actual = built.connection.sql("from kpi_values").pl()
    catalogued = [kpi for (kpi,) in built.rows("select kpi from kpi_catalogue")]
    wanted = expected.kpi_values.filter(polars.col("kpi").is_in(catalogued))
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
