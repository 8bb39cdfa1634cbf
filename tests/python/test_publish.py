"""What readers see: whole and tested versions, one at a time, whatever happens to a publish."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest

from harness import publish
from harness.compiled import ROOT
from harness.publish import PRIVATE, contents_of, sha256
from tests.python.conftest import Shop
from tests.python.forked_builds import Builds, ReadProject
from tests.python.shops import part_of_the_hostile_shop
from tests.python.soak import record

INTERRUPTIONS = int(os.environ.get("KILLS", "40"))
MODELS = {"orders_by_day": [], "names \"and' more": [], "int_as_of": [], "raw_row_accounting": []}


def tiny(folder: Path, version: int) -> Path:
    """A warehouse with its number in every row of every table, and dbt's results in `target`."""
    (folder / "target").mkdir(parents=True)
    warehouse = folder / "tiny.duckdb"
    invocation = f"{version:08}-aaaa"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            f"create schema runs; create table runs.last_run as select '{invocation}'"
        )
        connection.execute(
            "create table runs.raw_files (path text, bytes int, modified_at timestamptz)"
        )
        connection.execute(
            "create table raw_row_accounting as"
            " select 'orders' as table_name, 5 as rows_read, 1 as rows_accepted"
        )
        connection.execute("create table int_as_of as select date '2025-01-01' as as_of")
        for name in list(MODELS)[:2]:
            table = publish.quoted(name)
            connection.execute(
                f"create table {table} as select {version} as version, range from range(5000)"
            )
            connection.execute(f"comment on table {table} is 'of $text$ and ''quotes'''")
        connection.execute("create table left_over as select 'jane@example.com' as scratch")
    nodes = {
        f"model.shop.{name}": {
            "resource_type": "model", "alias": name,
            "config": {"materialized": "table", "meta": {}},
        }
        for name in MODELS
    }  # fmt: skip
    nodes["test.shop.unique.abc"] = {
        "resource_type": "test", "alias": "unique", "config": {"materialized": "test", "meta": {}},
    }  # fmt: skip
    results = {
        "metadata": {
            "invocation_id": invocation, "generated_at": f"2025-01-01T00:{version:02}:00.5Z",
            "dbt_version": "1.11.16",
        },
        "args": {"which": "build", "project_dir": str(ROOT), "vars": {}},
        "results": [
            {"unique_id": name, "status": "pass" if name.startswith("test") else "success"}
            for name in nodes
        ],
    }  # fmt: skip
    write(folder, "manifest", {"nodes": nodes})
    write(folder, "run_results", results)
    return folder


def write(folder: Path, name: str, content: dict) -> None:
    (folder / "target" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def command(folder: Path, published: Path, *more: str, prefix: list[str] | None = None) -> tuple:
    """`python -m harness publish` of a tiny warehouse: return code, and what was said."""
    run = subprocess.run(
        [*(prefix or [sys.executable, "-m", "harness", "publish"]),
         "--warehouse", folder / "tiny.duckdb", "--target-path", folder / "target",
         "--to", published / "shop.duckdb", *more],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return run.returncode, (run.stdout + run.stderr).strip()


def here(folder: Path, published: Path, *more: str) -> int:
    """The same, in this process: sooner done."""
    return publish.main(
        ["--warehouse", str(folder / "tiny.duckdb"), "--target-path", str(folder / "target"),
         "--to", str(published / "shop.duckdb"), *more]
    )  # fmt: skip


def seen(published: Path) -> int:
    """The number of the version that stands there, after everything in it was held against it."""
    version = (published / "current").resolve()
    manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
    assert version.name == manifest["version"]
    with duckdb.connect(str(published / "shop.duckdb"), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("show tables").fetchall()}
        assert tables == set(manifest["tables"]) == set(MODELS) - {"int_as_of"}
        numbers = set()
        for table, stated in manifest["tables"].items():
            name = publish.quoted(table)
            parquet = publish.text(version / "parquet" / f"{table}.parquet")
            assert contents_of(connection, name) == stated == contents_of(connection, parquet)
            if table != "raw_row_accounting":
                numbers |= {
                    number
                    for (number,) in connection.execute(f"select version from {name}").fetchall()
                }
    [number] = numbers
    return number


# ---- what is published ---------------------------------------------------------------------------


def test_published_tables_are_those_of_the_warehouse(published_demo: Path) -> None:
    """As a DuckDB file with the descriptions and as parquet, and nothing but public tables."""
    version = published_demo / "current"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_demo / 'shop.duckdb'}' as published (read_only)")
        connection.execute(
            f"attach '{published_demo.parent / 'demo.duckdb'}' as warehouse (read_only)"
        )
        tables = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'published'"
            ).fetchall()
        }
        for table in tables:
            # what does not depend on the order of rows
            copies = [
                contents_of(connection, relation)
                for relation in (
                    f'warehouse.main."{table}"',
                    f'published.main."{table}"',
                    f"'{version / 'parquet' / table}.parquet'",
                )
            ]
            assert copies[0] == copies[1] == copies[2], table
        silent = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published'"
            " and comment is null"
            " union all select concat(table_name, '.', column_name) from duckdb_columns()"
            " where database_name = 'published' and not internal and comment is null"
        ).fetchall()
    assert {
        "kpi_values",
        "kpi_catalogue",
        "kpi_scorecard",
        "fct_orders",
        "raw_row_accounting",
    } <= tables
    assert {path.stem for path in (version / "parquet").iterdir()} == tables
    assert not [table for table in tables if re.fullmatch(PRIVATE, table)]
    assert silent == [], "published without its description"


def test_the_manifest_is_true(published_demo: Path, demo: Shop) -> None:
    text = (published_demo / "current" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    with duckdb.connect(str(published_demo / "shop.duckdb"), read_only=True) as connection:
        assert manifest["tables"] == {
            name: contents_of(connection, f'"{name}"')
            for (name,) in connection.execute("show tables").fetchall()
        }
        read = dict(
            connection.execute("select table_name, rows_read from raw_row_accounting").fetchall()
        )
    files = {entry["file"]: entry for entry in manifest["raw_files"]}
    assert len(files) == len(read) == 17
    for name, entry in files.items():
        path = demo.raw_dir / name
        assert entry["bytes"] == path.stat().st_size
        assert entry["sha256"] == sha256(path)
        assert entry["rows"] == read[path.stem]
    results = json.loads((demo.target / "built" / "run_results.json").read_text(encoding="utf-8"))
    tests = [r for r in results["results"] if r["unique_id"].startswith("test.")]
    assert manifest["tests"] == {"run": len(tests), "passed": len(tests), "warned": []}
    assert len(tests) > 150
    assert manifest["built_at"] == results["metadata"]["generated_at"]
    assert manifest["invocation_id"] == results["metadata"]["invocation_id"]
    assert (manifest["reporting_currency"], manifest["duckdb"]) == ("EUR", duckdb.__version__)
    assert [(date.fromisoformat(manifest["as_of"]),)] == demo.rows("select as_of from int_as_of")


def test_only_tables_of_the_project_are_published(tmp_path: Path) -> None:
    assert here(tiny(tmp_path / "1", 1), tmp_path / "p") == 0
    assert seen(tmp_path / "p") == 1  # without what somebody left in the warehouse
    for path in (tmp_path / "p").rglob("*"):
        assert path.is_dir() or b"jane@example.com" not in path.read_bytes()


def test_a_warning_is_in_the_manifest(tmp_path: Path) -> None:
    folder = tiny(tmp_path / "1", 1)
    spoil(folder, "run_results", lambda results: results["results"][-1].update(status="warn"))
    assert here(folder, tmp_path / "p") == 0
    text = (tmp_path / "p" / "current" / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text)["tests"] == {"run": 1, "passed": 0, "warned": ["unique"]}


# ---- what is not ---------------------------------------------------------------------------------


def spoil(folder: Path, name: str, change: object) -> None:
    content = json.loads((folder / "target" / f"{name}.json").read_text(encoding="utf-8"))
    change(content)
    write(folder, name, content)


REFUSED = {
    "a red test": (lambda r: r["results"][-1].update(status="fail"), "1 of the last build did not"),
    "a broken model": (lambda r: r["results"][0].update(status="error"), "(orders_by_day)"),
    "a skipped model": (lambda r: r["results"][0].update(status="skipped"), "did not pass"),
    "a selection": (lambda r: r["results"].pop(0), "left out 1 models or tests (orders_by_day)"),
    "no tests": (lambda r: r["results"].pop(), "left out 1 models or tests (unique)"),
    "another command": (
        lambda r: r["args"].update(which="run"),
        "are of dbt run, not of dbt build",
    ),
    "without rows": (lambda r: r["args"].update(empty=True), "only a part of the rows"),
    "another warehouse": (
        lambda r: r["metadata"].update(invocation_id="other"),
        "not those of the last run that wrote the warehouse",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_published(what: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert here(tiny(tmp_path / "1", 1), tmp_path / "p") == 0
    folder = tiny(tmp_path / "2", 2)
    change, sentence = REFUSED[what]
    spoil(folder, "run_results", change)
    capsys.readouterr()
    assert here(folder, tmp_path / "p") == 1
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1 and "dbt build" in said
    assert seen(tmp_path / "p") == 1


def test_a_shop_without_any_order_left_is_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = tiny(tmp_path / "1", 1)
    with duckdb.connect(str(folder / "tiny.duckdb")) as connection:
        connection.execute("update raw_row_accounting set rows_accepted = 0")
    assert here(folder, tmp_path / "p") == 1
    assert "none of the 5 rows of orders was accepted; ask rejected_rows" in capsys.readouterr().err
    with duckdb.connect(str(folder / "tiny.duckdb")) as connection:
        connection.execute("update raw_row_accounting set rows_read = 0")  # a shop to come
    assert here(folder, tmp_path / "p") == 0


@contextmanager
def writing(warehouse: Path) -> Iterator[None]:
    """Another process has the warehouse open for writing, as a build does."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, warehouse],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "open\n"
        yield
        other.communicate("\n")


def test_nothing_is_published_without_a_build_or_during_one(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = tiny(tmp_path / "1", 1)
    with writing(folder / "tiny.duckdb"):
        assert here(folder, tmp_path / "p") == 1
    assert "is being written by another process; wait for it" in capsys.readouterr().err
    (folder / "target" / "run_results.json").write_text("{")
    assert here(folder, tmp_path / "p") == 1
    assert "has no complete results of a build; run dbt build" in capsys.readouterr().err
    with duckdb.connect(str(folder / "tiny.duckdb")) as connection:
        connection.execute("drop schema runs cascade")
    shutil.copy(tiny(tmp_path / "2", 2) / "target" / "run_results.json", folder / "target")
    assert here(folder, tmp_path / "p") == 1
    assert "not those of the last run" in capsys.readouterr().err
    (folder / "tiny.duckdb").unlink()
    assert here(folder, tmp_path / "p") == 1
    assert "there is no warehouse" in capsys.readouterr().err
    assert not (tmp_path / "p" / "current").exists()


# ---- one version after another -------------------------------------------------------------------


def versions(published: Path) -> int:
    return len(list((published / "versions").iterdir()))


def test_the_version_before_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    published = tmp_path / "p"
    folders = [tiny(tmp_path / str(number), number) for number in range(4)]
    published.mkdir()
    (published / "shop.duckdb").write_bytes(b"as older releases left it")
    assert here(folders[0], published) == 0
    assert here(folders[0], published, "--back") == 1
    assert "no version before" in capsys.readouterr().err
    for number in (1, 2):
        assert here(folders[number], published) == 0
        assert (seen(published), versions(published)) == (number, 2)
    assert here(folders[2], published) == 0, "the same once more changes nothing"
    assert (seen(published), versions(published)) == (2, 2)
    assert here(folders[2], published, "--back") == 0
    assert seen(published) == 1
    assert here(folders[2], published, "--back") == 1
    assert here(folders[3], published) == 0
    assert (seen(published), versions(published)) == (3, 2)
    assert here(folders[2], published, "--back") == 0
    assert seen(published) == 1, "what one went back to, not what was gone back from"


def test_who_has_the_file_open_keeps_it(tmp_path: Path) -> None:
    published = tmp_path / "p"
    assert here(tiny(tmp_path / "1", 1), published) == 0
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        " print('open', flush=True); input();"
        " print(c.sql('select sum(version) from orders_by_day').fetchall())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, published / "shop.duckdb"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdout.readline() == "open\n"
        for number in (2, 3, 4):
            assert here(tiny(tmp_path / str(number), number), published) == 0
        assert reader.communicate("\n")[0] == "[(5000,)]\n"


def test_one_publish_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    folder, published = tiny(tmp_path / "1", 1), tmp_path / "p"
    published.mkdir()
    with (published / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert here(folder, published) == 1
    said = capsys.readouterr().err
    assert "another publish into" in said and said.count("\n") == 1
    assert here(folder, published) == 0


def test_a_full_disk_leaves_what_readers_see(tmp_path: Path) -> None:
    published = tmp_path / "p"
    assert here(tiny(tmp_path / "1", 1), published) == 0
    limited = (
        "import sys; from tests.python.forked_builds import limit_files; limit_files(60_000);"
        " from harness.publish import main; sys.exit(main(sys.argv[1:]))"
    )
    folder = tiny(tmp_path / "2", 2)
    code, said = command(folder, published, prefix=[sys.executable, "-c", limited])
    assert code == 1 and said.startswith("not published, readers see the version before: "), said
    assert said.endswith("(a full disk: make room) and publish again") and "\n" not in said
    assert seen(published) == 1
    assert here(folder, published) == 0
    assert (seen(published), versions(published)) == (2, 2)


# A publish that ends itself, as SIGKILL does, at the n-th line of the module that it runs.
STOPPED = """
import os, signal, sys
from harness import publish
left = int(sys.argv.pop(1))
def trace(frame, event, argument):
    global left
    if frame.f_code.co_filename != publish.__file__:
        return None
    left -= event == "line"
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return trace
sys.settrace(trace)
code = publish.main(sys.argv[1:])
sys.settrace(None)
print(left)
sys.exit(code)
"""


def interrupt(published: Path, work: Path, times: int) -> None:
    chance = random.Random(5)
    number = 1
    assert here(tiny(work / "1", 1), published) == 0
    many = 1_000_000
    code, said = command(
        tiny(work / "2", 2), published, prefix=[sys.executable, "-c", STOPPED, str(many)]
    )
    assert code == 0, said
    lines = many - int(said.splitlines()[-1])
    assert lines > 150
    number = switched = 2
    # around the last lines the links are switched; the rest anywhere
    points = [lines - back for back in range(0, min(times // 2, 60))]
    points += [chance.randint(1, lines) for _ in range(times - len(points))]
    for point in points:
        number += 1
        folder = tiny(work / str(number), number % 60)
        prefix = [sys.executable, "-c", STOPPED, str(point)]
        code, said = command(folder, published, prefix=prefix)
        assert code == -9 or point >= lines, (point, said)
        after = seen(published)
        assert after in (switched, number % 60), point
        assert here(folder, published) == 0
        assert (seen(published), versions(published)) == (number % 60, 2), point
        switched = number % 60
        shutil.rmtree(folder)
    record("interrupted publishes", stopped=len(points))


def test_a_few_interrupted_publishes(tmp_path: Path) -> None:
    interrupt(tmp_path / "p", tmp_path, 12)


@pytest.mark.slow
def test_many_interrupted_publishes(tmp_path: Path) -> None:
    interrupt(tmp_path / "p", tmp_path, INTERRUPTIONS)


# ---- a reader all the while ----------------------------------------------------------------------


@contextmanager
def reader(published: Path, tables: list[str], log: Path) -> Iterator[None]:
    script = ROOT / "tests" / "python" / "reading_loop.py"
    process = subprocess.Popen(
        [sys.executable, script, published, ",".join(tables), log],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (log.exists() and log.read_text()):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    yield
    _, said = process.communicate("\n")
    assert process.returncode == 0, said


def rounds_without_a_mix(log: Path, states: list[list[str]]) -> int:
    """Every round saw one version; in all, they saw each of them. Returns the number of rounds."""
    rounds = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for line in rounds:
        assert line["address"] in states, line
        stated, file, parquet = line["current"]
        assert stated == file == parquet and stated in states, line
    missed = [s for s in states if s not in [line["address"] for line in rounds]]
    assert missed == []
    return len(rounds)


def state(published: Path, tables: list[str]) -> list[str]:
    text = (published / "current" / "manifest.json").read_text(encoding="utf-8")
    return [json.loads(text)["tables"][table]["digest"] for table in tables]


def wait_for_rounds(log: Path, more: int) -> None:
    wanted = log.read_text(encoding="utf-8").count("\n") + more
    while log.read_text(encoding="utf-8").count("\n") < wanted:
        time.sleep(0.01)


def test_a_reader_throughout_ten_publishes(tmp_path: Path) -> None:
    published, tables, log = tmp_path / "p", list(MODELS)[:2], tmp_path / "seen"
    assert here(tiny(tmp_path / "0", 0), published) == 0
    states = [state(published, tables)]
    with reader(published, tables, log):
        for number in range(1, 11):
            folder = tiny(tmp_path / str(number), number)
            wait_for_rounds(log, 2)
            assert here(folder, published) == 0
            states.append(state(published, tables))
        wait_for_rounds(log, 2)
    assert len({tuple(s) for s in states}) == 11
    assert rounds_without_a_mix(log, states) > 20


@pytest.mark.slow
def test_a_reader_throughout_ten_builds(read_project: ReadProject, tmp_path: Path) -> None:
    """The real thing: dbt build and publish, ten times, over shops that differ."""
    published, tables, log = tmp_path / "p", ["fct_orders", "kpi_values"], tmp_path / "seen"
    builds = Builds(read_project, tmp_path, {"reporting_timezone": "Europe/Paris"})
    arguments = ["--warehouse", str(builds.warehouse), "--target-path", str(tmp_path / "target"),
                 "--to", str(published / "shop.duckdb")]  # fmt: skip

    def build(number: int) -> None:
        shop = part_of_the_hostile_shop(tmp_path / str(number), f"hash(t) % 13 <> {number}")
        assert builds.run("build", shop=shop) == 0, builds.said()[-3000:]
        assert publish.main(arguments) == 0
        states.append(state(published, tables))

    states: list[list[str]] = []
    build(0)
    # neither a selection nor a run without tests goes out
    for selection in (["build", "--select", "stg_pages"], ["run", "--select", "stg_pages"]):
        assert builds.run(*selection, shop=tmp_path / "0") == 0
        assert publish.main(arguments) == 1
    with reader(published, tables, log):
        for number in range(1, 11):
            build(number)
        wait_for_rounds(log, 2)
    assert len({tuple(s) for s in states}) == 11
    record("reader", builds=10, rounds=rounds_without_a_mix(log, states))
