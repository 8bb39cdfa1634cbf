"""The dbt project driven from Python: the real command, and its compiled SQL run directly.

`dbt(...)` is the command a user runs. `CompiledProject` compiles the project once and then runs the
same SQL, models and data tests, in one DuckDB process over any shop: for tests that build many, and
to know what a build takes without dbt.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from harness import contract

ROOT = Path(__file__).parents[1]
DBT = Path(sys.executable).with_name("dbt")


def dbt(
    *arguments: str, target: Path, variables: dict | None = None, environment: dict | None = None
) -> subprocess.CompletedProcess:
    """Runs dbt on the project with its own target folder and warehouse (`target`/shop.duckdb)."""
    return subprocess.run(
        [DBT, "--no-use-colors", *arguments, "--target-path", target / "target",
         "--log-path", target / "logs", "--vars", json.dumps(variables or {})],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "DUCKDB_PATH": str(target / "shop.duckdb"), **(environment or {})},
    )  # fmt: skip


@dataclass
class Built:
    """A shop built by the compiled project: the connection, and the data tests that failed."""

    connection: duckdb.DuckDBPyConnection
    failures: list[str] = field(default_factory=list)

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()


def connect(warehouse: Path | None, threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse as profiles.yml opens it, by the name `shop`.

    On one thread: tests that build shop after shop run in as many processes as there are cores.
    """
    connection = duckdb.connect()
    connection.execute(f"set TimeZone = 'UTC'; set threads = {threads}")
    connection.execute(f"attach '{warehouse or ':memory:'}' as shop; use shop")
    return connection


def csv_reader(path: Path) -> str:
    """As the project opens a table that is a CSV file."""
    options = "header = true, all_varchar = true, quote = '\"', escape = '\"', comment = ''"
    return f"read_csv('{path}', {options})"


def run_python_model(connection: duckdb.DuckDBPyConnection, name: str, code: str) -> None:
    """As dbt-duckdb does: the compiled file brings its own `dbt`, which is given the reader."""
    module: dict = {}
    exec(compile(code, name, "exec"), module)
    dbt_object = module["dbtObj"](lambda table: connection.query(f"select * from {table}"))
    connection.register("python_model", module["model"](dbt_object, connection))
    connection.execute(f"create or replace table shop.main.{name} as from python_model")
    connection.unregister("python_model")


class CompiledProject:
    """The project's SQL for one set of variables, to be run over many shops."""

    def __init__(self, target: Path, variables: dict, *, is_compiled: bool = False) -> None:
        self.variables = variables
        if not is_compiled:
            run = dbt("compile", target=target, variables=variables)
            assert run.returncode == 0, run.stdout
        manifest = json.loads((target / "target" / "manifest.json").read_text(encoding="utf-8"))
        self.nodes = manifest["nodes"]
        self.order: list[str] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            if name in seen or name not in self.nodes:
                return
            seen.add(name)
            for parent in self.nodes[name]["depends_on"].get("nodes", []):
                visit(parent)
            self.order.append(name)

        for name in sorted(self.nodes):
            visit(name)

    def build(
        self,
        shop: Path,
        warehouse: Path | None = None,
        only: set[str] | None = None,
        threads: int = 1,
        *,
        with_tests: bool = False,
    ) -> Built:
        """Opens the shop's tables, then builds every model and runs every data test.

        In memory, or into the file `warehouse`; `only` these models and what they are made from,
        without tests or `with_tests` that ask for nothing else.
        """
        built = Built(connect(warehouse, threads))
        self.open_raw_tables(built, shop)
        names = self.order if only is None else self.needed(only)
        if with_tests:
            names = [name for name in self.order if name in names or self.asks_only(name, names)]
        for name in names:
            self.make(built, name, {})
        return built

    def asks_only(self, name: str, names: list[str]) -> bool:
        """Whether a node is a data test of these nodes and no other."""
        parents = self.nodes[name]["depends_on"].get("nodes", [])
        return self.nodes[name]["resource_type"] == "test" and all(
            parent in names or parent not in self.nodes for parent in parents
        )

    def open_raw_tables(self, built: Built, shop: Path) -> None:
        connection = built.connection
        connection.execute("create schema if not exists raw")
        for name, table in contract.tables().items():
            if name in self.variables.get("missing_tables", []):
                columns = ", ".join(
                    f'cast(null as {column["type"]}) as "{column["name"]}"'
                    for column in table["columns"]
                )
                source = f"select {columns} where false"
            elif (shop / f"{name}.parquet").exists():
                source = f"from read_parquet('{shop / name}.parquet')"
            else:
                source = f"from {csv_reader(shop / f'{name}.csv')}"
            connection.execute(f'create or replace view raw."{name}" as {source}')

    def models_of(self, *folders: str) -> set[str]:
        """The models in these folders, by alias."""
        return {
            node["alias"]
            for node in self.nodes.values()
            if node["resource_type"] == "model" and node["original_file_path"].startswith(folders)
        }

    def needed(self, models: set[str]) -> list[str]:
        """The nodes from which these models (by alias) are made, and they, in order."""
        wanted: set[str] = set()
        for name in reversed(self.order):
            node = self.nodes[name]
            if node["resource_type"] == "model" and node["alias"] in models or name in wanted:
                wanted.update([name, *node["depends_on"].get("nodes", [])])
        return [name for name in self.order if name in wanted]

    def rebuild(self, right: Path, warehouse: Path, wrong: dict[str, tuple[str, str]]) -> Built:
        """A copy of a warehouse that was built right, with mistakes made in some models.

        `wrong` puts another text in place of one in the compiled SQL of a model (by name). Those
        models and what comes from them are built again, and their data tests run.
        """
        shutil.copy(right, warehouse)
        built = Built(connect(warehouse))
        unknown = set(wrong) - {self.nodes[name]["name"] for name in self.order}
        assert not unknown, f"no model is called {unknown}"
        stale: set[str] = set()
        for name in self.order:
            node = self.nodes[name]
            if node["name"] in wrong or stale & set(node["depends_on"].get("nodes", [])):
                stale.add(name)
                self.make(built, name, wrong)
        return built

    def make(self, built: Built, name: str, wrong: dict[str, tuple[str, str]]) -> None:
        """One seed, model or data test."""
        node, connection = self.nodes[name], built.connection
        if node["resource_type"] == "seed":
            types = json.dumps(node["config"]["column_types"]).replace('"', "'")
            connection.execute(
                f"create or replace table shop.main.{node['name']} as from read_csv("
                f"'{ROOT / node['original_file_path']}', header = true, types = {types})"
            )
        elif node["resource_type"] == "model":
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            code = node["compiled_code"]
            if node["name"] in wrong:
                right, mistake = wrong[node["name"]]
                assert right in code, f"{node['name']} has no {right!r}"
                code = code.replace(right, mistake)
            if node["language"] == "python":
                run_python_model(connection, node["alias"], code)
            else:
                connection.execute(f"create or replace {kind} shop.main.{node['alias']} as {code}")
        elif node["resource_type"] == "test":
            [[failing]] = connection.execute(
                f"select count(*) from ({node['compiled_code']})"
            ).fetchall()
            if failing:
                built.failures.append(node["name"])
