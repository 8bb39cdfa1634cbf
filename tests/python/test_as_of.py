"""The day that the data speaks for, by rulings.md, 9: "the day of the newest accepted session or
order, of any status; without either, of the newest event of any table".
"""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from harness.compiled import CompiledProject

EVENTS = {
    "stg_customers": {"created_at": "timestamp"},
    "stg_surveys": {"sent_at": "timestamp", "responded_at": "timestamp"},
    "stg_tickets": {
        "opened_at": "timestamp", "first_response_at": "timestamp", "resolved_at": "timestamp",
    },
    "stg_experiment_assignments": {"assigned_at": "timestamp"},
    "stg_messages": {"sent_at": "timestamp", "opened_at": "timestamp", "clicked_at": "timestamp"},
    "stg_leads": {
        "created_at": "timestamp", "qualified_at": "timestamp", "converted_at": "timestamp",
        "lost_at": "timestamp",
    },
    "stg_ad_spend": {"spend_date": "date"},
    "stg_inventory_snapshots": {"snapshot_date": "date"},
    "stg_pages": {"published_on": "date"},
}  # fmt: skip
FIRST = {"stg_sessions": {"started_on": "date"}, "stg_orders": {"ordered_on": "date"}}
EARLY, OTHERS, LATE = "2024-03-01", "2024-03-05", "2024-03-20"


def as_of(compiled: CompiledProject, newest: tuple[str, str], among: dict) -> date:
    """Of a shop in which every time is that of `OTHERS`, and one both earlier and later."""
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop")
    for table, columns in {**FIRST, **EVENTS}.items():
        for number, day in enumerate((EARLY, LATE)):
            cells = ", ".join(
                f"cast('{day if (table, column) == newest else OTHERS}' as {kind}) as {column}"
                for column, kind in columns.items()
            )
            rows = f"select {cells} where {table in among}"
            into = f"insert into {table}" if number else f"create table {table} as"
            connection.execute(f"{into} {rows}")
    code = compiled.nodes["model.ecommerce_kpis.int_as_of"]["compiled_code"]
    [[day]] = connection.execute(code).fetchall()
    return day


@pytest.mark.parametrize(
    "newest", [(table, column) for table in EVENTS for column in EVENTS[table]], ids=".".join
)
def test_without_sessions_and_orders_it_is_that_of_any_event(
    newest: tuple[str, str], compiled: CompiledProject
) -> None:
    assert as_of(compiled, newest, EVENTS) == date.fromisoformat(LATE)
    assert as_of(compiled, newest, {**EVENTS, **FIRST}) == date.fromisoformat(OTHERS)


@pytest.mark.parametrize("table", FIRST)
def test_it_is_that_of_the_newest_session_or_order(table: str, compiled: CompiledProject) -> None:
    [column] = FIRST[table]
    assert as_of(compiled, (table, column), {**FIRST, **EVENTS}) == date.fromisoformat(LATE)
    assert as_of(compiled, (table, column), {table: FIRST[table]}) == date.fromisoformat(LATE)
