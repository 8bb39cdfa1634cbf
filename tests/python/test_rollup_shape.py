"""Laws that the SQL of every rollup keeps: where periods end, what a null segment is, digests.

And what no sum over days gives (distinct counts, percentiles), row by row.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

import duckdb
import numpy as np
import pytest

from harness.compiled import ROOT, CompiledProject
from tests.python.test_hostile_shop import HOSTILE

ROLLUPS = sorted(path.stem for path in (ROOT / "models" / "rollups").glob("rollup_*.sql"))
# a Sunday, the last day of a week, a month, a quarter and a year; and the day after
LAST_DAY, DAY_AFTER = date(2023, 12, 31), date(2024, 1, 1)
NAMED = {"entry_type": "sale", "survey_type": "nps", "period_grain": "week"}
Types = dict[str, dict[str, str]]

Rows = list[dict]
CAUSES = (
    "payment_failure", "form_error", "delivery_fee_revealed", "few_delivery_options",
    "long_checkout", "left_at_shipping", "left_at_payment", "left_at_checkout", "left_at_cart",
)  # fmt: skip
STAGES = ("payment", "release", "picking", "packing", "handover", "transit")
VALUES = {
    "entry_type": ("sale", "refund"), "visitor_type": ("new", "returning"), "cause": CAUSES,
    "stage": STAGES,
}  # fmt: skip
GRAINS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
    "year": lambda day: day.replace(day=1, month=1),
}
LAPSED_BEFORE = LAST_DAY - timedelta(days=180)


def anyone(_: dict) -> bool:
    return True


def has_matured(row: dict) -> bool:
    return row["first_order_on"] <= LAPSED_BEFORE


def has_lapsed(row: dict) -> bool:
    return has_matured(row) and (row["last_order_on"] or LAST_DAY) < LAPSED_BEFORE


def counted(rows: Rows, where: Callable[[dict], object]) -> int:
    return sum(1 for row in rows if where(row))


def distinct(rows: Rows, column: str, where: Callable[[dict], object] = anyone) -> int:
    return len({row[column] for row in rows if where(row)})


def total(rows: Rows, column: str, where: Callable[[dict], object] = anyone) -> Decimal:
    return sum((row[column] or Decimal(0) for row in rows if where(row)), Decimal(0))


def percentile(
    rows: Rows, column: str, share: float, where: Callable[[dict], object] = anyone
) -> float | None:
    found = [float(row[column]) for row in rows if where(row) and row[column] is not None]
    return float(np.percentile(found, 100 * share)) if found else None


# of each rollup: its fact, the day that a row is booked on, which rows, and what is in them
ROW_BY_ROW: dict[str, tuple[str, str, Callable[[dict], object], dict[str, Callable]]] = {
    "rollup_sessions": ("fct_sessions", "started_on", anyone, {
        "visitors": partial(distinct, column="visitor_id"),
        "visitors_with_order": partial(
            distinct, column="visitor_id", where=lambda row: (row["orders"] or 0) > 0
        ),
        "visitors_returning": partial(
            distinct, column="visitor_id", where=lambda row: row["visitor_type"] == "returning"
        ),
    }),
    "rollup_sales": ("fct_sales_entries", "booked_on", anyone, {
        "orders_with_lines": partial(
            distinct, column="order_id", where=lambda row: row["entry_type"] == "sale"
        ),
    }),
    "rollup_customer_orders": ("fct_customer_orders", "ordered_on", anyone, {
        "active_customers": partial(distinct, column="customer_id"),
        "returning_customers": partial(
            distinct, column="customer_id", where=lambda row: row["is_repeat_order"]
        ),
        "median_days_between_orders": partial(
            percentile, column="days_since_previous_order", share=0.5
        ),
    }),
    "rollup_shipments": ("fct_shipments", "shipped_on", lambda row: row["is_valid_order"], {
        "orders_with_shipping_cost": partial(
            distinct, column="order_id", where=lambda row: row["shipping_cost"] is not None
        ),
    }),
    "rollup_orders": ("fct_orders", "ordered_on", lambda row: row["is_valid_order"], {
        "median_order_value": partial(percentile, column="net_sales", share=0.5),
    }),
    "rollup_order_fulfilment": (
        "fct_order_fulfilment", "last_shipped_on", lambda row: row["is_valid_order"], {
            "median_processing_hours": partial(percentile, column="processing_hours", share=0.5),
            "p90_processing_hours": partial(percentile, column="processing_hours", share=0.9),
        }
    ),
    "rollup_fulfilment_stages": (
        "int_fulfilment_stages", "ended_on", lambda row: row["ended_at"] is not None, {
            f"{stage}_p{share}_hours": partial(
                percentile, column="stage_hours", share=share / 100,
                where=lambda row, stage=stage: row["stage"] == stage,
            )
            for stage in STAGES
            for share in (50, 90)
        }
    ),
    "rollup_tickets": ("fct_tickets", "opened_on", anyone, {
        "median_first_response_hours": partial(
            percentile, column="first_response_hours", share=0.5
        ),
        "median_resolution_hours": partial(percentile, column="resolution_hours", share=0.5),
    }),
    "rollup_leads": ("fct_leads", "created_on", anyone, {
        "median_days_to_convert": partial(percentile, column="days_to_convert", share=0.5),
    }),
    "rollup_cart_causes": ("fct_carts", "started_on", lambda row: row["is_abandoned"], {
        f"value_{cause}": partial(
            total, column="cart_value", where=lambda row, cause=cause: row["cause"] == cause
        )
        for cause in CAUSES
    }),
    "rollup_customers": ("fct_customer_lifetimes", "first_order_on", anyone, {
        "customers_mature_for_lapse": partial(counted, where=has_matured),
        "customers_lapsed": partial(counted, where=has_lapsed),
    }),
}  # fmt: skip


def types_of(connection: duckdb.DuckDBPyConnection) -> Types:
    """By table, the type of each column."""
    found: Types = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema = 'main' order by table_name, ordinal_position"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def row(
    columns: dict[str, str], day: date, number: int, every_second: int, *, is_known: bool
) -> str:
    """One row of a table: its own keys, everything on one day, every number 1.

    But every second column, from the first or from the second on, has `number`.
    """
    places = {name: place for place, name in enumerate(columns)}

    def cell(name: str, kind: str) -> str:
        if kind == "DATE":
            return f"date '{day}'"
        if kind.startswith("TIMESTAMP"):
            return f"timestamp '{day} 12:00:00'"
        if kind == "BOOLEAN":
            return "true"
        if kind != "VARCHAR":
            return f"cast({number if places[name] % 2 == every_second else 1} as {kind})"
        if name in NAMED:
            return f"'{NAMED[name]}'"
        return f"'{day} {name}'" if is_known or name.endswith("_id") else "cast(null as varchar)"

    return "select " + ", ".join(f"{cell(*column)} as {column[0]}" for column in columns.items())


def last_day(grain: str, start: date) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    if months is None:
        return start + timedelta(days={"day": 0, "week": 6}[grain])
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def broken_laws(project: CompiledProject, model: str, code: str, types: Types) -> Iterator[str]:
    """What the SQL of a rollup makes of two rows a table, and no rollup may."""
    node = project.nodes[f"model.ecommerce_kpis.{model}"]
    tables = [project.nodes[name]["alias"] for name in node["depends_on"]["nodes"]]
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop; set threads = 1")

    def made(
        number: int = 1, every_second: int = 0, *, is_known: bool = True, as_of: date = LAST_DAY
    ) -> list[dict]:
        for table in tables:
            first = row(types[table], LAST_DAY, 1, 0, is_known=is_known)
            second = row(types[table], DAY_AFTER, number, every_second, is_known=is_known)
            rows = f"{first} union all {second}"
            if table == "int_as_of":
                rows = row(types[table], as_of, 1, 0, is_known=is_known)
            connection.execute(f"create or replace table {table} as {rows}")
        found = connection.execute(code)
        names = [column[0] for column in found.description]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    for as_of in (LAST_DAY - timedelta(days=1), LAST_DAY):
        for period in made(as_of=as_of):
            if period.get("period_end") is not None:
                end = last_day(period["period_grain"], period["period_start"])
                if period["period_end"] != end:
                    yield "a period that ends on another day"
                if period["is_complete_period"] != (end <= as_of):
                    yield "a period that is complete on another day"
    for period in made(is_known=False):
        if period.get("segment_type", "all") != "all":
            if period["segment_value"] in (None, "all"):
                yield "a segment without a value"
    right = made()
    if right and "rows_digest" in right[0]:
        digests = {cell["rows_digest"] for cell in right} - {None}
        if digests & {cell["rows_digest"] for cell in made(is_known=False)}:
            yield "the same digest of other rows"
        if any((cell["rows_digest"] is None) == (cell["segment_type"] == "all") for cell in right):
            yield "a digest of another segment than all"
        place = ("period_grain", "period_start", "segment_type", "segment_value")
        before = {tuple(period.pop(name) for name in place): period for period in right}
        for every_second in (0, 1):
            for period in made(2, every_second):
                earlier = before.get(tuple(period.pop(name) for name in place))
                same = earlier and earlier["rows_digest"] == period["rows_digest"] is not None
                if same and earlier != period:
                    yield "other numbers of the same digest"
    if model in ROW_BY_ROW:
        yield from broken_counts(project, model, code, types)


def made_up(columns: dict[str, str], first_day: date, most: int) -> Rows:
    """Rows of a table at random, over ten weeks: few values, the same in every column of texts."""
    chance = random.Random(7)

    def cell(name: str, kind: str) -> object:
        day = first_day + timedelta(days=chance.randrange(70))
        if name.endswith("_id"):
            return str(chance.randrange(most // 6))
        if chance.random() < 0.1:
            return None
        if kind == "DATE":
            return day
        if kind.startswith("TIMESTAMP"):
            return datetime(day.year, day.month, day.day, 12)
        if kind == "BOOLEAN":
            return chance.random() < 0.7
        if kind == "VARCHAR":
            return chance.choice(VALUES.get(name, "abc"))
        number = chance.randrange(4 if kind in ("INTEGER", "BIGINT") else 50)
        return Decimal(number) if kind.startswith("DECIMAL") else number

    return [{name: cell(name, kind) for name, kind in columns.items()} for _ in range(most)]


def broken_counts(project: CompiledProject, model: str, code: str, types: Types) -> Iterator[str]:
    """Which measures of a rollup are others than those of the rows of each period and segment."""
    fact, booked_on, is_counted, measures = ROW_BY_ROW[model]
    node = project.nodes[f"model.ecommerce_kpis.{model}"]
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop; set threads = 1")
    for table in {project.nodes[name]["alias"] for name in node["depends_on"]["nodes"]}:
        one = row(types[table], LAST_DAY, 1, 0, is_known=True)
        connection.execute(f"create table {table} as {one}")
    # the turn of a year, or of what is old enough to have lapsed
    middle = LAPSED_BEFORE if model == "rollup_customers" else LAST_DAY
    rows = made_up(types[fact], middle - timedelta(days=35), 420)
    connection.execute(f"delete from {fact}")
    places = ", ".join("?" for _ in types[fact])
    connection.executemany(
        f"insert into {fact} values ({places})", [list(each.values()) for each in rows]
    )
    result = connection.execute(code)
    names = [column[0] for column in result.description]
    found = [dict(zip(names, values, strict=True)) for values in result.fetchall()]
    groups: dict[tuple, Rows] = defaultdict(list)
    for each in rows:
        if each[booked_on] is None or not is_counted(each):
            continue
        for segment in {period["segment_type"] for period in found}:
            columns = [
                "warehouse_id" if part == "warehouse" else part for part in segment.split("+")
            ]
            value = (
                "all" if segment == "all" else "|".join(each[name] or "unknown" for name in columns)
            )
            for grain, start in GRAINS.items():
                groups[grain, start(each[booked_on]), segment, value].append(each)
    places_found = [
        tuple(
            period[name]
            for name in ("period_grain", "period_start", "segment_type", "segment_value")
        )
        for period in found
    ]
    if not set(groups) <= set(places_found) or len(set(places_found)) < len(places_found):
        yield "another set of periods and segments than the rows have"
    for place, period in zip(places_found, found, strict=True):
        for name, measured in measures.items():
            right = measured(groups.get(place, []))
            if (right is None) != (period[name] is None):
                yield f"{name} of nothing, or nothing"
            elif right is not None and float(period[name]) != pytest.approx(float(right), abs=1e-9):
                yield f"another {name}"


@pytest.fixture(scope="module")
def types(compiled: CompiledProject) -> Types:
    return types_of(compiled.build(HOSTILE).connection)


@pytest.mark.parametrize("model", ROLLUPS)
def test_a_rollup_keeps_the_laws(model: str, compiled: CompiledProject, types: Types) -> None:
    code = compiled.nodes[f"model.ecommerce_kpis.{model}"]["compiled_code"]
    assert set(broken_laws(compiled, model, code, types)) == set()
