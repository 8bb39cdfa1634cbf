"""Any raw table empty, broken in every row, sent twice or declared missing: the build ends well."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml

from harness import contract
from harness.compiled import ROOT, Built, CompiledProject
from tests.python.shops import changed

pytestmark = pytest.mark.slow

TABLES = contract.tables()
OPTIONAL = [name for name, table in TABLES.items() if not table["required"]]


def account(built: Built, table: str) -> tuple[int, int, int, int]:
    [counts] = built.rows(
        "select rows_read, rows_superseded, rows_rejected, rows_accepted from raw_row_accounting"
        f" where table_name = '{table}'"
    )
    return counts


def digests(built: Built) -> dict[str, tuple]:
    """Of every KPI its rows, and two digests of them that do not depend on their order."""
    query = "select kpi, count(*), bit_xor(hash(t)), sum(hash(t)) from kpi_values as t group by kpi"
    return {kpi: digest for kpi, *digest in built.rows(query)}


@pytest.fixture(scope="module")
def emptied(
    compiled: CompiledProject, small_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, tuple]]:
    """The KPIs of the small shop with one table emptied, built once and held against the laws."""

    @cache
    def build(table: str) -> dict[str, tuple]:
        folder = tmp_path_factory.mktemp("emptied") / "shop"
        shop = changed(small_shop, folder, {table: "select * from raw where false"})
        built = compiled.build(shop)
        assert built.failures == []
        assert account(built, table) == (0, 0, 0, 0)
        return digests(built)

    return build


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_rows(table: str, emptied: Callable) -> None:
    """Only orders make orders: without lines, customers or products they are still counted."""
    assert ("orders" in emptied(table)) == (table != "orders")


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
    assert digests(again) == digests(once)
    for table in TABLES:
        before, after = account(once, table), account(again, table)
        assert after == (2 * before[0], before[1] + before[3] + before[1], 2 * before[2], before[3])


@pytest.mark.parametrize("table", OPTIONAL)
def test_an_optional_table_declared_missing(
    table: str, compiled: CompiledProject, small_shop: Path, tmp_path: Path, emptied: Callable
) -> None:
    """It counts as a table without rows, and the KPIs that need it are absent."""
    without = CompiledProject(tmp_path, {"missing_tables": [table]}).build(small_shop)
    assert without.failures == []
    assert account(without, table) == (0, 0, 0, 0)
    need = {
        node["name"].removeprefix("kpi_")
        for node in compiled.nodes.values()
        if table in node["config"]["meta"].get("kpi", {}).get("needs", [])
    }
    expected = {kpi: digest for kpi, digest in emptied(table).items() if kpi not in need}
    assert digests(without) == expected
    assert len(expected) > 20


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
    assert found == len(wanted)
