"""The KPIs find what the generator planted in the demo shop."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.python.conftest import Shop


@pytest.fixture(scope="module")
def truth(demo: Shop) -> dict:
    return json.loads((demo.raw_dir / "planted_truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("planted", "kpi"),
    [
        ("gross_sales", "gross_sales"),
        ("net_sales", "net_sales"),
        ("valid_orders", "orders"),
        ("sessions", "sessions"),
        ("visitors", "visitors"),
    ],
)
def test_every_month_as_planted(demo: Shop, truth: dict, planted: str, kpi: str) -> None:
    months = demo.rows(
        "select strftime(period_start, '%Y-%m'), value from kpi_values"
        f" where kpi = '{kpi}' and period_grain = 'month' and segment_type = 'all'"
    )
    wanted = {month: float(value) for month, value in truth["totals"][planted]["by_month"].items()}
    assert dict(months) == pytest.approx({m: v for m, v in wanted.items() if v}, rel=1e-9)


def test_refunds_lower_the_month_they_were_made_in(demo: Shop, truth: dict) -> None:
    months = demo.rows(
        "select strftime(period_start, '%Y-%m'), refunds from rollup_sales"
        " where period_grain = 'month' and segment_type = 'all' and refunds <> 0"
    )
    wanted = {m: float(v) for m, v in truth["totals"]["refunds"]["by_month"].items()}
    assert {m: float(v) for m, v in months} == pytest.approx(
        {m: v for m, v in wanted.items() if v}, rel=1e-9
    )


def test_broken_and_repeated_rows_as_planted(demo: Shop, truth: dict) -> None:
    reasons: dict[str, Counter] = {}
    for table, reason in demo.rows("select table_name, reason from rejected_rows"):
        reasons.setdefault(table, Counter()).update(reason.split("; "))
    accounting = demo.rows(
        "select table_name, rows_read, rows_accepted, rows_superseded, rows_rejected"
        " from raw_row_accounting"
    )
    for table, *counts in accounting:
        planted = truth["rows"]["tables"][table]
        assert counts == [
            planted[what] for what in ("read", "accepted", "superseded", "rejected")
        ], table
        assert dict(reasons.get(table, {})) == planted["by_reason"], table


def best(demo: Shop, kpi: str, segment_type: str, order: str) -> str:
    [[segment]] = demo.rows(
        "select segment_value from kpi_values where period_grain = 'year'"
        f" and kpi = '{kpi}' and segment_type = '{segment_type}' and segment_value <> 'unknown'"
        f" and period_start = date '2025-01-01' order by value {order} limit 1"
    )
    return segment


def test_the_slow_carrier_and_warehouse_are_found(demo: Shop, truth: dict) -> None:
    slow = truth["fulfilment"]["slow_carrier"]["value"]
    assert best(demo, "delivery_days", "carrier", "desc") == slow
    assert best(demo, "on_time_delivery_rate", "carrier", "asc") == slow
    assert best(demo, "nps", "carrier", "asc") == slow
    warehouse = truth["fulfilment"]["slow_warehouse"]["value"]
    assert best(demo, "median_order_processing_hours", "warehouse", "desc") == warehouse


def test_the_device_that_converts_worst_is_found(demo: Shop, truth: dict) -> None:
    factors = truth["conversion"]["device_factor"]["value"]
    main = {device: factors[device] for device in ("desktop", "mobile", "tablet")}
    rates = dict(
        demo.rows(
            "select segment_value, value from kpi_values where kpi = 'session_conversion_rate'"
            " and segment_type = 'device_type' and period_grain = 'year'"
            " and period_start = date '2025-01-01'"
        )
    )
    assert sorted(main, key=main.get) == sorted(main, key=rates.get)
