"""Builds that are killed, run out of room, meet a broken file or each other: what is left is whole.

After each, the next build gives the right tables, and what readers see was never half-made. KILLS
is the number of kills of the long form; each takes some twenty seconds, as it is two builds.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from harness.build import AGAIN, LARGE, diagnosis, raw_dir_of, threads
from harness.compiled import ROOT, csv_reader
from harness.publish import Refused, audit, contents_of, publish, reading
from tests.python.forked_builds import Builds, ReadProject
from tests.python.shops import part_of_the_hostile_shop
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

    def __init__(self, folder: Path, project: ReadProject) -> None:
        self.folder = folder
        self.before = part_of_the_hostile_shop(folder / "before", "hash(t) % 3 > 0")
        self.after = HOSTILE
        self.builds = Builds(project, folder, {"reporting_timezone": "Europe/Paris"})
        read = project.folder / "target" / "manifest.json"
        manifest = json.loads(read.read_text(encoding="utf-8"))
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
def shop(tmp_path_factory: pytest.TempPathFactory, read_project: ReadProject) -> Shop:
    return Shop(tmp_path_factory.mktemp("crashes"), read_project)


@pytest.fixture(scope="module")
def right(shop: Shop) -> Digests:
    """The tables of A_PART, undisturbed."""
    shop.empty()
    assert shop.builds.run(*A_PART, shop=HOSTILE) == 0, shop.builds.said()[-3000:]
    return digests(shop.warehouse)


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


def kill_builds(
    shop: Shop, right: Digests, kills: int, scopes: list[list[str]], folder: Path
) -> None:
    """Kills builds of the shop as it is, over a warehouse of the shop as it was or over none.

    `right` are the tables of an undisturbed build of the first and widest of the scopes.
    """
    chance = random.Random(SEED)
    widest = scopes[0]
    shop.empty()
    started = time.monotonic()
    assert shop.builds.run(*widest, shop=shop.before) == 0, shop.builds.said()[-3000:]
    seconds = {id(widest): time.monotonic() - started}
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
        # the widest takes longest: once in eight
        scope = widest if number % 8 == 0 else scopes[-1]
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


def test_a_few_kills(shop: Shop, right: Digests, tmp_path: Path) -> None:
    kill_builds(shop, right, 2, [A_PART], tmp_path)


@pytest.mark.slow
def test_many_kills(shop: Shop, tmp_path: Path) -> None:
    shop.empty()
    assert shop.builds.run(*shop.everything, shop=shop.after) == 0, shop.builds.said()[-3000:]
    kill_builds(shop, digests(shop.warehouse), KILLS, [shop.everything, A_PART], tmp_path)


# ---- what a build may meet -----------------------------------------------------------------------


def met(shop: Shop) -> str | None:
    return diagnosis(shop.builds.said(), shop.warehouse)


def next_build_is(right: Digests, shop: Shop) -> None:
    assert shop.builds.run(*A_PART, shop=HOSTILE) == 0, shop.builds.said()[-3000:]
    assert digests(shop.warehouse) == right


def test_a_full_disk(shop: Shop, right: Digests) -> None:
    shop.empty()
    # without dbt's own files, which are larger than the limit from the start
    limited = [*A_PART, "--no-write-json"]
    assert shop.builds.run(*limited, shop=HOSTILE, file_bytes=300_000) == 1
    assert met(shop) == f"the disk is full; make room, then build again; {AGAIN}"
    next_build_is(right, shop)


@pytest.mark.slow
def test_a_small_file_system(shop: Shop, tmp_path: Path) -> None:
    """As above, with the whole project on a real file system that is too small."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", small])
    if mounted.returncode:
        pytest.skip("mounting a file system is not permitted here")
    try:
        builds = Builds(shop.builds.project, small, shop.builds.variables)
        assert builds.run(*shop.everything, shop=HOSTILE) == 1
        said = diagnosis(builds.said(), builds.warehouse)
        assert said == f"the disk is full; make room, then build again; {AGAIN}"
        subprocess.run(["mount", "-o", "remount,size=300m", small], check=True)
        assert builds.run(*shop.everything, shop=HOSTILE) == 0, builds.said()[-3000:]
        after = digests(builds.warehouse)
    finally:
        subprocess.run(["umount", "-l", small], check=True)
    shop.empty()
    assert shop.builds.run(*shop.everything, shop=HOSTILE) == 0
    assert digests(shop.warehouse) == after


def as_parquet(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """The hostile shop with its orders in parquet, and something done to that file."""
    shutil.copytree(HOSTILE, folder)
    orders = folder / "orders.parquet"
    with duckdb.connect() as connection:
        rows = csv_reader(folder / "orders.csv")
        connection.execute(f"copy (from {rows}) to '{orders}' (format parquet)")
    (folder / "orders.csv").unlink()
    orders.write_bytes(change(orders.read_bytes()))
    return folder


BROKEN = {
    "cut off": lambda content: content[: len(content) // 2],
    "without content": lambda content: b"",
    "zeros among the rows": lambda content: content[:200] + bytes(900) + content[1100:],
    "zeros in the footer": lambda content: content[:-300] + bytes(200) + content[-100:],
}


@pytest.mark.parametrize(
    "what",
    [
        # read up to a table: a build more
        pytest.param(what, marks=pytest.mark.slow if what == "zeros among the rows" else [])
        for what in BROKEN
    ],
)
def test_a_broken_file(what: str, shop: Shop, right: Digests, tmp_path: Path) -> None:
    folder = as_parquet(tmp_path / "shop", BROKEN[what])
    assert shop.builds.run(*A_PART, shop=folder) == 1
    assert met(shop) == (
        f"the file {folder}/orders.parquet is broken or cut off; write it again, then build"
        f" again; {AGAIN}"
    )
    if what == "zeros among the rows":  # the others never got to a table
        next_build_is(right, shop)


CSV_FAULTS = {
    "Latin letters": (
        lambda text: text + text.splitlines()[1].replace(b",", "\u00e9,".encode("latin-1"), 1),
        r"the file {file} is not in UTF-8 \(line \d+, or near it\); write it in UTF-8",
    ),
    "a line cut short": (
        # beyond the lines that DuckDB looks at before it reads
        lambda text: text + 500 * text.partition(b"\n")[2] + b"O01-P1,O01,P1\n",
        r"line \d+ of the file {file} has other fields than the first line names",
    ),
}


@pytest.mark.parametrize("what", CSV_FAULTS)
def test_a_csv_file_that_cannot_be_read(what: str, shop: Shop, tmp_path: Path) -> None:
    change, sentence = CSV_FAULTS[what]
    folder = Path(shutil.copytree(HOSTILE, tmp_path / "shop"))
    path = folder / "order_items.csv"
    path.write_bytes(change(path.read_bytes()))
    assert shop.builds.run(*A_PART, shop=folder) == 1
    said = met(shop)
    assert re.match(sentence.format(file=path), said or shop.builds.said()[-2000:]), said


@pytest.mark.slow
@pytest.mark.parametrize("how", ["renamed into place", "written over"])
def test_a_file_that_changes_while_it_is_read(
    how: str, shop: Shop, right: Digests, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(HOSTILE, tmp_path / "shop"))
    orders, new = folder / "orders.csv", (HOSTILE / "sessions.csv").read_bytes()
    build = shop.builds.start(*A_PART, shop=folder)
    while "START sql" not in shop.builds.said():
        time.sleep(0.02)
    if how == "written over":
        orders.write_bytes(new)
    else:
        (folder / "draft").write_bytes(new)
        (folder / "draft").replace(orders)
    assert shop.builds.end(build) == 1
    assert (
        f"the file {orders} changed while the build read it; run the build again once it is"
        " complete." in shop.builds.said()
    )
    next_build_is(right, shop)


def test_two_builds_at_once(shop: Shop, right: Digests) -> None:
    first = shop.builds.start(*A_PART, shop=HOSTILE)
    while "START sql" not in shop.builds.said():
        time.sleep(0.02)
    second = shop.builds.start(*A_PART, shop=HOSTILE)
    assert shop.builds.end(second) == 1
    said = met(shop)
    assert shop.builds.end(first) == 0
    assert said.startswith(f"another process (PID {first}) has {shop.warehouse} open, which")
    assert digests(shop.warehouse) == right


@pytest.mark.slow
def test_the_build_command_says_what_it_met(tmp_path: Path) -> None:
    """`make build` of a shop whose orders are cut off; DuckDB itself names no remedy."""
    folder = as_parquet(tmp_path / "shop", BROKEN["cut off"])
    run = subprocess.run(
        [sys.executable, "-m", "harness", "build", "--target-path", tmp_path / "target",
         "--log-path", tmp_path / "logs"],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "DUCKDB_PATH": str(tmp_path / "shop.duckdb"), "RAW_DIR": str(folder)},
    )  # fmt: skip
    assert run.returncode == 1
    assert "No magic bytes" in run.stdout
    assert run.stderr.strip().endswith(f"write it again, then build again; {AGAIN}")
    assert f"{folder}/orders.parquet is broken" in run.stderr and run.stderr.count("\n") == 1


def test_a_large_shop_is_built_one_node_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBT_THREADS", raising=False)
    with (tmp_path / "orders.parquet").open("wb") as file:
        file.truncate(LARGE)
        assert threads(tmp_path) == "2"
        file.truncate(LARGE + 1)
        assert threads(tmp_path) == "1"
        monkeypatch.setenv("DBT_THREADS", "2")
        assert threads(tmp_path) == "2"


def test_the_size_is_that_of_the_shop_that_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAW_DIR", raising=False)
    assert raw_dir_of([]) == raw_dir_of(["--vars", "{as_of: 2026-01-01}"]) == Path("data/demo")
    monkeypatch.setenv("RAW_DIR", "elsewhere")
    assert raw_dir_of(["--full-refresh"]) == raw_dir_of(["--vars", "{"]) == Path("elsewhere")
    assert raw_dir_of(["--vars", json.dumps({"raw_dir": str(tmp_path)})]) == tmp_path
    assert raw_dir_of([f"--vars=raw_dir: {tmp_path}"]) == tmp_path
