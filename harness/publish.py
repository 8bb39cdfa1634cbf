"""Puts the public tables of a tested build where readers open them: write, audit, publish.

A version is a folder of its own, complete before anybody sees it: the tables as one DuckDB file
and as parquet, and a manifest that says what was built from what. Readers come by a link that is
replaced in one step, so they see the version before or this one, never a part of either.

    published/ecommerce_kpis.duckdb -> current/ecommerce_kpis.duckdb
    published/current               -> versions/<id>
    published/versions/<id>/        ecommerce_kpis.duckdb, parquet/<table>.parquet, manifest.json

Who holds the older file open keeps it until it is closed (Linux). The version before stays, for
`--back`.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import yaml

# what tools with an embedded DuckDB 1.4 or later can open
STORAGE_VERSION = "v1.4.0"
# the floors that are not for readers
PRIVATE = r"(base|stg|int)_.*"
TABLES = ("model", "seed", "snapshot")
GOOD = ("success", "pass", "warn", "no-op")


class Refused(Exception):
    """Why nothing is published, in one sentence."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


@contextmanager
def reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the warehouse attached; no build can write to it until it is closed."""
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {text(warehouse)} as warehouse (read_only)")
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            raise Refused(
                f"{warehouse} is being written by another process; wait for it"
            ) from error
        yield connection


# ---- audit ---------------------------------------------------------------------------------------


@dataclass
class Build:
    """A whole build that passed: dbt's results, and the nodes of the project that it built."""

    results: dict
    nodes: dict[str, dict]

    @property
    def invocation(self) -> str:
        return self.results["metadata"]["invocation_id"]

    @property
    def version(self) -> str:
        """Sorts by time, and names the run."""
        moment = datetime.fromisoformat(self.results["metadata"]["generated_at"])
        return f"{moment:%Y%m%dT%H%M%SZ}-{self.invocation[:8]}"

    def tables(self) -> list[str]:
        """What readers get. `kpi_values` has the views of single KPIs."""
        return sorted(
            node["alias"]
            for node in self.nodes.values()
            if node["resource_type"] in TABLES
            and not re.fullmatch(PRIVATE, node["alias"])
            and "kpi" not in node["config"]["meta"]
        )


def some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def audit(connection: duckdb.DuckDBPyConnection, target: Path) -> Build:
    """The last build as dbt's own results in `target` tell it, or why it is not for readers."""
    try:
        results, manifest = (
            json.loads((target / name).read_text(encoding="utf-8"))
            for name in ("run_results.json", "manifest.json")
        )
    except (FileNotFoundError, ValueError) as error:
        raise Refused(f"{target} has no complete results of a build; run dbt build") from error
    arguments = results["args"]
    if arguments["which"] != "build":
        raise Refused(
            f"the results in {target} are of dbt {arguments['which']}, not of dbt build;"
            " run dbt build"
        )
    if arguments.get("empty") or arguments.get("sample"):
        raise Refused("the last build took only a part of the rows; run dbt build without it")
    bad = [r["unique_id"].split(".")[2] for r in results["results"] if r["status"] not in GOOD]
    if bad:
        raise Refused(
            f"{len(bad)} of the last build did not pass ({some(bad)}); see what dbt build says"
        )
    nodes = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in (*TABLES, "test")
        and node["config"]["materialized"] != "ephemeral"
    }
    left_out = sorted(nodes.keys() - {result["unique_id"] for result in results["results"]})
    if left_out:
        raise Refused(
            f"the last build left out {len(left_out)} models or tests"
            f" ({some([name.split('.')[2] for name in left_out])}); run dbt build without a"
            " selection"
        )
    build = Build(results, nodes)
    try:
        [(last,)] = connection.execute("from warehouse.runs.last_run").fetchall()
    except duckdb.CatalogException:
        last = None
    if last != build.invocation:
        raise Refused(
            f"the results in {target} are not those of the last run that wrote the warehouse, which"
            " was stopped or left its results elsewhere; run dbt build"
        )
    orders = connection.execute(
        "select rows_read from warehouse.main.raw_row_accounting"
        " where table_name = 'orders' and rows_read > 0 and rows_accepted = 0"
    ).fetchone()
    if orders:
        raise Refused(
            f"none of the {orders[0]} rows of orders was accepted; ask rejected_rows why, mend it,"
            " then build again"
        )
    return build


# ---- write ---------------------------------------------------------------------------------------


def comments(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> list[tuple]:
    """What the warehouse says of these tables and views and of their columns: (table, column or
    null, text)."""
    return connection.execute(
        """
        select name, null, comment
        from (
            select database_name, schema_name, table_name as name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name as name, comment from duckdb_views()
        )
        where database_name = 'warehouse' and schema_name = 'main' and name in $tables
            and comment is not null
        union all
        select table_name, column_name, comment
        from duckdb_columns()
        where database_name = 'warehouse' and schema_name = 'main' and table_name in $tables
            and comment is not null
        """,
        {"tables": tables},
    ).fetchall()


def copy_tables(
    connection: duckdb.DuckDBPyConnection, tables: list[str], file: Path, parquet: Path
) -> dict[str, dict]:
    """Copies tables and their comments into a file, and as parquet into a folder.

    Returns the rows of each, and a digest of them that does not depend on their order.
    """
    contents = {}
    connection.execute(f"attach {text(file)} as published (storage_version '{STORAGE_VERSION}')")
    for table in tables:
        name = f"published.main.{quoted(table)}"
        connection.execute(f"create table {name} as from warehouse.main.{quoted(table)}")
        contents[table] = contents_of(connection, name)
        # Parquet has no whole numbers of 128 bits, which sums are, and would round them to doubles
        wide = ", ".join(
            f"cast({quoted(column)} as decimal(38, 0)) as {quoted(column)}"
            for column, kind, *_ in connection.execute(f"describe {name}").fetchall()
            if kind == "HUGEINT"
        )
        rows = f"select * {f'replace ({wide})' if wide else ''} from {name}"
        connection.execute(
            f"copy ({rows}) to {text(parquet / f'{table}.parquet')} (format parquet)"
        )
    # one transaction: a comment by itself costs as much as a small table
    connection.execute("begin")
    for table, column, comment in comments(connection, tables):
        name = f"published.main.{quoted(table)}"
        what = f"column {name}.{quoted(column)}" if column else f"table {name}"
        connection.execute(f"comment on {what} is {text(comment)}")
    connection.execute("commit")
    connection.execute("detach published")
    return contents


def contents_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict:
    """The rows of a relation, and a digest of them in any order, as this DuckDB hashes them."""
    [(rows, either, total)] = connection.execute(
        f"select count(*), coalesce(bit_xor(hash(t)), 0), coalesce(sum(hash(t)), 0)"
        f" from {relation} as t"
    ).fetchall()
    return {"rows": rows, "digest": f"{either:016x}{int(total) % 2**64:016x}"}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raw_files(connection: duckdb.DuckDBPyConnection, project: Path) -> list[dict]:
    """The raw files as the build found them; a digest only of those that still are the same."""
    found = connection.execute(
        """
        select
            path,
            bytes,
            cast(epoch(modified_at) as bigint),
            strftime(modified_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
            rows_read
        from warehouse.runs.raw_files
        left join warehouse.main.raw_row_accounting
            on table_name = split_part(parse_filename(path), '.', 1)
        order by path
        """
    ).fetchall()
    files = []
    for path, size, seconds, modified, rows in found:
        file = project / path
        there = file.exists() and (file.stat().st_size, int(file.stat().st_mtime))
        files.append(
            {
                "file": file.name, "bytes": size, "modified_at": modified, "rows": rows,
                "sha256": sha256(file) if there == (size, seconds) else None,
            }
        )  # fmt: skip
    return files


def manifest_of(
    connection: duckdb.DuckDBPyConnection,
    build: Build,
    contents: dict[str, dict],
    before: str | None,
) -> dict:
    """What was built from what, when, with which code and tests. No secret is in it: those come
    from the environment only, and a var that the project does not know stops the build."""
    metadata, arguments = build.results["metadata"], build.results["args"]
    project = Path(arguments["project_dir"])
    settings = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    given = arguments.get("vars", {})
    given = yaml.safe_load(given) if isinstance(given, str) else given
    effective = {**settings["vars"], **given}
    [(as_of,)] = connection.execute("select as_of from warehouse.main.int_as_of").fetchall()
    tests = [r for r in build.results["results"] if r["unique_id"].startswith("test.")]
    warned = [r["unique_id"].split(".")[2] for r in tests if r["status"] == "warn"]
    return {
        "version": build.version,
        "previous": before,
        "built_at": metadata["generated_at"],
        "invocation_id": build.invocation,
        "project": f"{settings['name']} {settings['version']}",
        "dbt": metadata["dbt_version"],
        "duckdb": duckdb.__version__,
        "storage": STORAGE_VERSION,
        "vars": given,
        "reporting_currency": effective["reporting_currency"],
        "reporting_timezone": effective["reporting_timezone"],
        "as_of": str(as_of),
        "raw_files": raw_files(connection, project),
        "tests": {"run": len(tests), "passed": len(tests) - len(warned), "warned": warned},
        "tables": contents,
    }


# ---- publish -------------------------------------------------------------------------------------


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One publish into a folder at a time. The lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(f"another publish into {folder} is under way; wait for it") from error
        yield


def keep(path: Path) -> None:
    """What was written to a file or folder survives a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def point(link: Path, to: str) -> None:
    """Makes a link, or has it lead elsewhere, in one step."""
    draft = link.with_name(f".{link.name}.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(to)
    os.replace(draft, link)
    keep(link.parent)


def current(folder: Path) -> str | None:
    link = folder / "current"
    return link.readlink().name if link.is_symlink() else None


def before(folder: Path, version: str | None) -> str | None:
    """The version that stood there before this one, where it still does."""
    if version is None:
        return None
    manifest = folder / "versions" / version / "manifest.json"
    name = json.loads(manifest.read_text(encoding="utf-8"))["previous"]
    return name if name and (folder / "versions" / name).is_dir() else None


def clear(folder: Path) -> None:
    """Leaves the version that readers see and the one before: the rest is older, or was cut off."""
    version = current(folder)
    for path in (folder / "versions").iterdir():
        if path.name not in (version, before(folder, version)):
            shutil.rmtree(path)


def publish(connection: duckdb.DuckDBPyConnection, published: Path, build: Build) -> int:
    """Puts a build where readers open it; returns how many tables it has."""
    folder = published.parent
    with alone(folder):
        (folder / "versions").mkdir(exist_ok=True)
        clear(folder)
        version = folder / "versions" / build.version
        if current(folder) != version.name:
            draft = version.with_suffix(".draft")
            (draft / "parquet").mkdir(parents=True)
            contents = copy_tables(
                connection, build.tables(), draft / published.name, draft / "parquet"
            )
            manifest = manifest_of(connection, build, contents, current(folder))
            (draft / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
            for path in [*draft.rglob("*"), draft]:
                keep(path)
            os.replace(draft, version)
            keep(version.parent)
            point(folder / "current", f"versions/{version.name}")
            clear(folder)
        # once; where a file of an older release stands, the link takes its place
        if not published.is_symlink():
            point(published, f"current/{published.name}")
    return len(build.tables())


def go_back(folder: Path) -> str:
    """Has readers see the version before again; returns its name."""
    with alone(folder):
        version = before(folder, current(folder))
        if version is None:
            raise Refused(f"{folder} holds no version before the one that readers see")
        point(folder / "current", f"versions/{version}")
    return version


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m harness publish",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = os.environ.get("DUCKDB_PATH", "warehouse/ecommerce_kpis.duckdb")
    parser.add_argument("--warehouse", type=Path, default=Path(default))
    parser.add_argument("--to", type=Path, default=Path("published/ecommerce_kpis.duckdb"))
    parser.add_argument(
        "--target-path", type=Path, default=Path(os.environ.get("DBT_TARGET_PATH", "target")),
        help="where dbt left the results of the build",
    )  # fmt: skip
    parser.add_argument(
        "--back", action="store_true", help="have readers see the version before again"
    )
    arguments = parser.parse_args(argv)
    try:
        if arguments.back:
            print(f"readers see {go_back(arguments.to.parent)} again")
            return 0
        if not arguments.warehouse.exists():
            raise Refused(f"there is no warehouse {arguments.warehouse}; run dbt build first")
        with reading(arguments.warehouse) as connection:
            build = audit(connection, arguments.target_path)
            tables = publish(connection, arguments.to, build)
    except Refused as refusal:
        print(f"not published: {refusal}", file=sys.stderr)
        return 1
    except (OSError, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        print(
            f"not published, readers see the version before: {reason}; mend it (a full disk: make"
            " room) and publish again",
            file=sys.stderr,
        )
        return 1
    print(f"published {tables} tables to {arguments.to}")
    return 0
