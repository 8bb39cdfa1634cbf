"""Laws that the SQL of every rollup keeps: where periods end, what a null segment is, digests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from harness.compiled import ROOT, CompiledProject
from tests.python.test_hostile_shop import HOSTILE

ROLLUPS = sorted(path.stem for path in (ROOT / "models" / "rollups").glob("rollup_*.sql"))
# a Sunday, the last day of a week, a month, a quarter and a year; and the day after
LAST_DAY, DAY_AFTER = date(2023, 12, 31), date(2024, 1, 1)
NAMED = {"entry_type": "sale", "survey_type": "nps", "period_grain": "week"}
Types = dict[str, dict[str, str]]


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


@pytest.fixture(scope="module")
def types(compiled: CompiledProject) -> Types:
    return types_of(compiled.build(HOSTILE).connection)


@pytest.mark.parametrize("model", ROLLUPS)
def test_a_rollup_keeps_the_laws(model: str, compiled: CompiledProject, types: Types) -> None:
    code = compiled.nodes[f"model.ecommerce_kpis.{model}"]["compiled_code"]
    assert set(broken_laws(compiled, model, code, types)) == set()
