"""Builds that are killed, run out of room, meet a broken file or each other: what is left is whole.

After each, the next build gives the right tables, and what readers see was never half-made. KILLS
is the number of kills of the long form; each takes some twenty seconds, as it is two builds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from harness.publish import Refused, audit, contents_of, publish, reading
from tests.python.forked_builds import Builds
from tests.python.project import ROOT, part_of_the_hostile_shop
from tests.python.soak import record

HOSTILE = ROOT / "tests" / "fixtures" / "hostile_shop"
KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("KILLS_SEED", "1"))
NO_TESTS = ["--exclude-resource-types", "test", "unit_test", "saved_query", "exposure"]
# One fact from the raw tables to its rollup, and what a manifest says of the raw tables.
A_PART = ["build", *NO_TESTS, "--select", "+rollup_orders", "+raw_row_accounting"]

Digests = dict[str, dict]


def digests(warehouse: Path, tables: set[str] | None = None) -> Digests:
    """Rows and a digest of every table, or of some."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
        return {
            name: contents_of(connection, f'main."{name}"')
            for (name,) in names
            if tables is None or name in tables
        }


class Shop:
    """The hostile shop as it was (`before`) and as it is (`after`), and builds of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.before = part_of_the_hostile_shop(folder / "before", "hash(t) % 3 > 0")
        self.after = HOSTILE
        self.builds = Builds(folder, {"reporting_timezone": "Europe/Paris"})
        manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
        models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
        read = {name for model in models for name in model["depends_on"]["nodes"]}
        # A view of a single KPI that nothing reads holds nothing, and kpi_values has its rows.
        views = [
            model["name"]
            for model in models
            if "kpi" in model["config"]["meta"] and model["unique_id"] not in read
        ]
        self.everything = ["build", *NO_TESTS, "--exclude", *views]

    @property
    def warehouse(self) -> Path:
        return self.builds.warehouse

    def empty(self) -> None:
        for path in self.folder.glob("shop.duckdb*"):
            path.unlink()

    def put(self, warehouse: Path) -> None:
        self.empty()
        shutil.copy(warehouse, self.warehouse)

    def made(self) -> set[str]:
        """What the last build made, by dbt's names."""
        text = (self.folder / "target" / "run_results.json").read_text(encoding="utf-8")
        return {
            result["unique_id"]
            for result in json.loads(text)["results"]
            if result["status"] == "success"
        }

    def results(self, folder: Path) -> Path:
        """dbt's results of the last build, as if the project had nothing else to make or to test:
        a build that leaves something out, as here for speed, is not published."""
        folder.mkdir(exist_ok=True)
        target, made = self.folder / "target", self.made()
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        nodes = {name: node for name, node in manifest["nodes"].items() if name in made}
        (folder / "manifest.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
        shutil.copy(target / "run_results.json", folder)
        return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("crashes"))
    yield shop
    shop.builds.close()


def seen_by_readers(folder: Path) -> str:
    """Which version stands there, after every table was held against its manifest."""
    version = (folder / "current").resolve()
    manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(version / "shop.duckdb"), read_only=True) as connection:
        found = {
            name: contents_of(connection, f'"{name}"')
            for (name,) in connection.execute("show tables").fetchall()
        }
    assert found == manifest["tables"]
    return manifest["version"]


def kill_builds(shop: Shop, kills: int, scopes: list[list[str]], folder: Path) -> None:
    """Kills builds of the shop as it is, over a warehouse of the shop as it was or over none."""
    chance = random.Random(SEED)
    widest = scopes[0]
    shop.empty()
    started = time.monotonic()
    assert shop.builds.run(*widest, shop=shop.after) == 0, shop.builds.said()[-3000:]
    seconds = {id(widest): time.monotonic() - started}
    right = digests(shop.warehouse)
    shop.empty()
    assert shop.builds.run(*widest, shop=shop.before) == 0, shop.builds.said()[-3000:]
    as_it_was = digests(shop.warehouse)
    different = [table for table in right if right[table] != as_it_was[table]]
    assert len(different) > len(right) / 3
    assert not shop.warehouse.with_suffix(".duckdb.wal").exists()
    start = folder / "as_it_was.duckdb"
    shutil.copy(shop.warehouse, start)
    results = shop.results(folder / "results")
    readers = folder / "published" / "shop.duckdb"
    with reading(shop.warehouse) as connection:
        publish(connection, readers, audit(connection, results))
    version = seen_by_readers(readers.parent)
    figures = {"kills": 0, "before_the_first_write": 0, "too_late": 0, "over_nothing": 0}
    began = time.monotonic()
    for number in range(kills):
        # the widest scope takes longest: once in four
        scope = widest if number % 4 == 0 else chance.choice(scopes)
        over_nothing = chance.random() < 0.25
        shop.empty() if over_nothing else shop.put(start)
        moment = chance.uniform(0, seconds.get(id(scope), seconds[id(widest)] / 4))
        code = shop.builds.kill(shop.builds.start(*scope, shop=shop.after), moment)
        figures["kills"] += code == -9
        figures["too_late"] += code != -9
        figures["over_nothing"] += over_nothing
        what = f"kill {number} after {moment:.2f} s of {scope[3:]}, over nothing: {over_nothing}"
        if shop.warehouse.exists() and code == -9:
            with reading(shop.warehouse) as connection:
                try:
                    audit(connection, results)
                except Refused:
                    pass
                else:
                    figures["before_the_first_write"] += 1
                    assert digests(shop.warehouse) == as_it_was, what
        assert seen_by_readers(readers.parent) == version, what
        started = time.monotonic()
        assert shop.builds.run(*scope, shop=shop.after) == 0, what + shop.builds.said()[-3000:]
        seconds[id(scope)] = time.monotonic() - started
        print(what)
        made = {name.split(".")[2] for name in shop.made()} & right.keys()
        assert len(made) > 20
        assert digests(shop.warehouse, made) == {table: right[table] for table in made}, what
    record("kills", **figures, seconds_each=round((time.monotonic() - began) / kills, 1))


def test_a_few_kills(shop: Shop, tmp_path: Path) -> None:
    kill_builds(shop, 2, [A_PART], tmp_path)


@pytest.mark.slow
def test_many_kills(shop: Shop, tmp_path: Path) -> None:
    kill_builds(shop, KILLS, [shop.everything, A_PART], tmp_path)
