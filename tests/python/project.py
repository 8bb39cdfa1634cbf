"""The dbt project as the tests drive it: the real command, and its compiled SQL run directly.

`dbt(...)` is the command a user runs. `CompiledProject` compiles the project once and then runs the
same SQL, models and data tests, in one DuckDB process over any shop: for tests that build many.
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

ROOT = Path(__file__).parents[2]
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


def connect(warehouse: Path | None) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse as profiles.yml opens it, by the name `shop`, on one thread:
    what builds shop after shop does so in as many processes as there are cores."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set threads = 1")
    connection.execute(f"attach '{warehouse or ':memory:'}' as shop; use shop")
    return connection


def csv_reader(path: Path) -> str:
    """As the project opens a table that is a CSV file."""
    return f"read_csv('{path}', header = true, all_varchar = true)"


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
        self, shop: Path, warehouse: Path | None = None, only: set[str] | None = None
    ) -> Built:
        """Opens the shop's tables, then builds every model and runs every data test.

        In memory, or into the file `warehouse`; `only` these models and what they are made from.
        """
        built = Built(connect(warehouse))
        self.open_raw_tables(built, shop)
        for name in self.order if only is None else self.needed(only):
            self.make(built, name, {})
        return built

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


def changed(shop: Path, folder: Path, queries: dict[str, str]) -> Path:
    """A copy of the shop with some tables replaced by a query over `raw`, their own rows."""
    shutil.copytree(shop, folder)
    for name, query in queries.items():
        with duckdb.connect() as connection:
            connection.execute(f"create view raw as from '{shop / name}.parquet'")
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
    return folder


def part_of_the_hostile_shop(folder: Path, condition: str) -> Path:
    """The rows of the hostile shop that satisfy a condition; `t` is a row of any table."""
    folder.mkdir()
    for name in contract.tables():
        with duckdb.connect() as connection:
            source = csv_reader(ROOT / "tests" / "fixtures" / "hostile_shop" / f"{name}.csv")
            connection.execute(
                f"copy (from {source} as t where {condition}) to '{folder / name}.csv' (header)"
            )
    return folder


def awkward(small_shop: Path, folder: Path) -> Path:
    """The small shop, and what it is too small to have by chance.

    Every fifth order was sent once before, unpaid, every fifth line stands twice in its order, and
    every fifth answer to a survey has no score. At the limits of windows, every seventh order was
    placed again 7, 30, 90 and 365 days later to the second, at another price, and every ninth
    session was made again 7 and 30 days later.
    """
    earlier = (
        "select * replace ('created' as status, loaded_at - interval 3 hour as loaded_at)"
        " from raw where loaded_at is not null and hash(order_id) % 5 = 0"
    )
    equal = (
        "select * replace (concat(order_item_id, '-again') as order_item_id)"
        " from raw where order_item_id is not null and hash(order_item_id) % 5 = 0"
    )
    unanswered = "case when hash(survey_id) % 5 > 0 then score end"

    def again(days: str, which: str, keys: list[str], moments: list[str], *others: str) -> str:
        replaced = [*others, *(f"concat({key}, '-', days) as {key}" for key in keys)]
        replaced += [f"{moment} + to_days(days) as {moment}" for moment in [*moments, "loaded_at"]]
        within = [
            # the shop's last day stays what it is: rows from the future are left aside
            f" and {moment} + to_days(days)"
            f" <= (select max({moment}) from raw where {moment} <= loaded_at)"
            for moment in moments[:1]
        ]
        return (
            f"select * exclude (days) replace ({', '.join(replaced)})"
            f" from raw cross join (values {days}) as later (days)"
            f" where {which} = 0 and loaded_at is not null{''.join(within)}"
        )

    orders, sessions = "hash(order_id) % 7", "hash(session_id) % 9"
    far, near = "(7), (30), (90), (365)", "(7), (30)"
    return changed(
        small_shop,
        folder,
        {
            "orders": f"from raw union all {earlier} union all "
            + again(far, orders, ["order_id"], ["ordered_at", "paid_at", "cancelled_at"]),
            "order_items": f"from raw union all {equal} union all "
            + again(
                far, orders, ["order_item_id", "order_id"], [], "unit_price + days as unit_price"
            ),
            "sessions": "from raw union all "
            + again(near, sessions, ["session_id"], ["started_at", "ended_at"]),
            "session_events": "from raw union all "
            + again(near, sessions, ["event_id", "session_id"], ["event_at"]),
            "surveys": f"select * replace ({unanswered} as score) from raw",
        },
    )
