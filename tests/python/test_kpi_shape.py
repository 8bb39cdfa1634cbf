"""Laws that the SQL of every KPI keeps, whatever its rollup says: nulls, zeros, other segments."""

from __future__ import annotations

import math

import duckdb
import pytest

from harness import kpis
from harness.compiled import CompiledProject
from tests.python.mutants import parse, text

KPIS = kpis.entries()
PLACE = {
    "period_grain": "'day'",
    "period_start": "date '2024-01-01'",
    "period_end": "date '2024-01-01'",
    "is_complete_period": "true",
    "segment_value": "'some'",
}

SELECTED = "select numerator, denominator, value, ci_low, ci_high from ({})"


def rollup_rows(columns: list[str], segment_type: str) -> str:
    """Rows whose measures are all null, all zero, all 7; and one of them 7, the others not."""
    place = {**PLACE, "segment_type": f"'{segment_type}'"}
    measures = [name for name in columns if name not in place]
    rows = [dict.fromkeys(measures, value) for value in ("null", "0", "7")]
    for name in measures:
        rows += [{**rows[0], name: "7"}, {**rows[1], name: "7"}]
    return " union all ".join(
        "select "
        + ", ".join(
            f"{place[name]} as {name}"
            if name in place
            else f"cast({row[name]} as double) as {name}"
            for name in columns
        )
        for row in rows
    )


def broken_laws(project: CompiledProject, kpi: str, code: str) -> set[str]:
    """What the SQL of a KPI makes of such rows, and no KPI may."""
    node = project.nodes[f"model.ecommerce_kpis.kpi_{kpi}"]
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop")

    def of(segment_type: str) -> list[tuple]:
        for name in node["depends_on"]["nodes"]:
            rollup = project.nodes[name]
            rows = rollup_rows(list(rollup["columns"]), segment_type)
            connection.execute(f"create or replace table {rollup['name']} as {rows}")
        return connection.execute(SELECTED.format(code)).fetchall()

    found = {"cut by what is no segment of it"} if of("no segment") else set()
    rows = of("all")
    if len(node["depends_on"]["nodes"]) == 1:
        unfiltered = parse(code)
        unfiltered.set("where", None)
        everything = connection.execute(SELECTED.format(text(unfiltered))).fetchall()
        if len(rows) != sum(bool(row[0] or row[1]) for row in everything):
            found.add("a row too many or too few")
    for numerator, denominator, *values in rows:
        if not numerator and not denominator:
            found.add("a row of nothing")
        if any(value is not None and not math.isfinite(value) for value in values):
            found.add("a value that is not finite")
        if values[0] is None and values[1:] != [None, None]:
            found.add("an interval without a value")
        if not KPIS[kpi].get("proportion") and values[1:] != [None, None]:
            found.add("an interval of what is no proportion")
    return found


@pytest.mark.parametrize("kpi", KPIS)
def test_a_kpi_keeps_the_laws(kpi: str, compiled: CompiledProject) -> None:
    code = compiled.nodes[f"model.ecommerce_kpis.kpi_{kpi}"]["compiled_code"]
    assert broken_laws(compiled, kpi, code) == set()
