"""Any raw table empty, broken in every row, sent twice or declared missing: the build ends well."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import polars
import pytest
import yaml

from harness import contract
from tests.python.project import ROOT, Built, CompiledProject

TABLES = contract.tables()
OPTIONAL = [name for name, table in TABLES.items() if not table["required"]]


def changed(small_shop: Path, folder: Path, queries: dict[str, str]) -> Path:
    """A copy of the shop with some tables replaced by a query over `raw`, their own rows."""
    shutil.copytree(small_shop, folder)
    for name, query in queries.items():
        with duckdb.connect() as connection:
            connection.execute(f"create view raw as from '{small_shop / name}.parquet'")
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
    return folder


def account(built: Built, table: str) -> tuple[int, int, int, int]:
    [counts] = built.rows(
        "select rows_read, rows_superseded, rows_rejected, rows_accepted from raw_row_accounting"
        f" where table_name = '{table}'"
    )
    return counts


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_rows(
    table: str, compiled: CompiledProject, small_shop: Path, tmp_path: Path
) -> None:
    shop = changed(small_shop, tmp_path / "shop", {table: "select * from raw where false"})
    built = compiled.build(shop)
    assert built.failures == []
    assert account(built, table) == (0, 0, 0, 0)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_with_every_row_broken(
    table: str, compiled: CompiledProject, small_shop: Path, tmp_path: Path
) -> None:
    broken = "select * replace (null as loaded_at) from raw"
    built = compiled.build(changed(small_shop, tmp_path / "shop", {table: broken}))
    assert built.failures == []
    read, superseded, rejected, accepted = account(built, table)
    assert read > 0 and (superseded, accepted) == (0, 0) and rejected == read
    [[reasons]] = built.rows(
        "select count(*) from rejected_rows"
        f" where table_name = '{table}' and reason like '%missing: loaded_at%'"
    )
    assert reasons == read


def test_every_row_sent_twice_in_another_order(
    compiled: CompiledProject, small_shop: Path, tmp_path: Path
) -> None:
    twice = "select * from (from raw union all from raw) order by hash(loaded_at), random()"
    again = compiled.build(changed(small_shop, tmp_path / "shop", dict.fromkeys(TABLES, twice)))
    once = compiled.build(small_shop)
    assert again.failures == []
    order = ("kpi", "period_grain", "period_start", "segment_type", "segment_value")
    values = [built.connection.sql("from kpi_values").pl().sort(order) for built in (once, again)]
    assert values[0].equals(values[1])
    for table in TABLES:
        before, after = account(once, table), account(again, table)
        assert after == (2 * before[0], before[1] + before[3] + before[1], 2 * before[2], before[3])


@pytest.mark.parametrize("table", OPTIONAL)
def test_an_optional_table_declared_missing(
    table: str, compiled: CompiledProject, small_shop: Path, tmp_path: Path
) -> None:
    """It counts as a table without rows, and the KPIs that need it are absent."""
    missing = CompiledProject(tmp_path / "compiled", {"missing_tables": [table]})
    (tmp_path / "compiled").mkdir(exist_ok=True)
    without = missing.build(small_shop)
    empty = changed(small_shop, tmp_path / "shop", {table: "select * from raw where false"})
    with_empty = compiled.build(empty)
    assert without.failures == []
    assert account(without, table) == (0, 0, 0, 0)
    need = [
        node["name"].removeprefix("kpi_")
        for node in compiled.nodes.values()
        if table in node["config"]["meta"].get("kpi", {}).get("needs", [])
    ]
    order = ("kpi", "period_grain", "period_start", "segment_type", "segment_value")
    actual = without.connection.sql("from kpi_values").pl().sort(order)
    others = with_empty.connection.sql("from kpi_values").pl().sort(order)
    assert actual.equals(others.filter(~polars.col("kpi").is_in(need)))
    assert actual["kpi"].n_unique() > 20


def test_every_kpi_needs_what_the_specification_says(compiled: CompiledProject) -> None:
    specification = ROOT.parent / "shared" / "spec" / "kpis.yml"
    if not specification.exists():
        pytest.skip(f"the specification is not at {specification}: it is not part of the project")
    wanted = yaml.safe_load(specification.read_text(encoding="utf-8"))["kpis"]
    names = ("label", "label_fr", "domain", "unit", "direction", "scale", "proportion", "needs")
    found = 0
    for node in compiled.nodes.values():
        kpi = node["config"]["meta"].get("kpi") if node["resource_type"] == "model" else None
        if not kpi:
            continue
        found += 1
        entry = wanted[node["name"].removeprefix("kpi_")]
        assert {name: kpi.get(name) for name in names} == {name: entry.get(name) for name in names}
        segments = entry["segments"]
        assert kpi["segments"] == (segments if isinstance(segments, list) else [segments])
    done = {"sales", "conversion", "satisfaction", "fulfilment", "inventory"}
    assert found == sum(entry["domain"] in done for entry in wanted.values())
