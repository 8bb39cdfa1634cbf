"""Builds that continue equal builds from nothing: the shop is replayed in loads, with many stops.

A row arrives when it was loaded, or up to the look-back later, in any order; some arrive again,
some once more with other content. After each stop every table that is continued is compared, row
by row, with one built from nothing out of the same raw rows; after the last one, every table and
view. REPLAYED_STOPS is the number of stops of the long form.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness import contract
from harness.compiled import Built, CompiledProject, connect
from tests.python.forked_builds import Builds, ReadProject
from tests.python.shops import changed
from tests.python.soak import record

TABLES = contract.tables()
LOOK_BACK_DAYS = 3
STOPS_OF_A_REPLAY = 10
STOPS = int(os.environ.get("REPLAYED_STOPS", "20"))
# what a build that continues has to work out again, and nothing below it
CONTINUED = ["--select", "+config.materialized:incremental", "+raw_row_accounting"]
MODELS = ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
LOADED_AT = "try_cast(loaded_at as timestamp)"


class Arrivals:
    """A shop's rows, each with the moment at which it arrives in the raw tables."""

    def __init__(self, shop: Path, chance: random.Random) -> None:
        self.connection = duckdb.connect()
        for name, table in TABLES.items():
            text = [c["name"] for c in table["columns"] if self.may_change(c, table)]
            other = chance.choice(text) if text else None
            self.connection.execute(f"create view shop as from '{shop / name}.parquet'")
            changed = f", reverse(cast({other} as varchar)) as {other}" if other else ""
            self.connection.execute(
                f"""
                create table "{name}" as
                with seeded as (
                    select *, hash(shop, {chance.randrange(10**9)}) as luck from shop
                ),
                sent as (
                    select * from seeded
                    union all by name
                    -- again, as it is: it may arrive before the one it repeats
                    select * from seeded where luck % 50 = 0
                    union all by name
                    -- once more, with other content, within three weeks
                    select * replace (
                        cast({LOADED_AT} + to_hours(cast(luck % 500 as integer)) as varchar)
                            as loaded_at{changed}
                    )
                    from seeded where luck % 50 = 1
                )
                select
                    * exclude (luck),
                    {LOADED_AT} + case
                        when luck % 4 = 0 then to_seconds(
                            cast(hash(luck, 1) % ({LOOK_BACK_DAYS} * 86400) as integer)
                        )
                        else to_seconds(0)
                    end as arrives_at
                from sent
                order by hash(luck, 2)
                """
            )
            self.connection.execute("drop view shop")

    @staticmethod
    def may_change(column: dict, table: dict) -> bool:
        """Text that is neither key nor reference nor one of a list."""
        return (
            column["type"] == "varchar"
            and column["name"] not in table["primary_key"]
            and not column["name"].endswith(("_id", "currency"))
            and "accepted" not in column
        )

    def days(self) -> list[str]:
        """Every day on which orders or sessions were loaded."""
        return [
            day
            for (day,) in self.connection.execute(
                f"select distinct cast(cast({LOADED_AT} as date) as varchar) from sessions"
                f" union select distinct cast(cast({LOADED_AT} as date) as varchar) from orders"
                " order by 1"
            ).fetchall()
            if day
        ]

    def write(self, until: str, folder: Path) -> None:
        """The raw tables as they are at the end of a day."""
        folder.mkdir(exist_ok=True)
        for name in TABLES:
            self.connection.execute(
                f'copy (select * exclude (arrives_at) from "{name}" where arrives_at is null'
                f" or arrives_at < timestamp '{until}' + interval 1 day)"
                f" to '{folder / name}.parquet'"
            )


def read_themselves(builds: Builds, project: CompiledProject) -> set[str]:
    """The models that the last build continued: their SQL reads the table that it replaces."""
    compiled = builds.target / "target" / "compiled" / "ecommerce_kpis"
    found = set()
    for node in project.nodes.values():
        path = compiled / node["original_file_path"]
        if node.get("language") == "sql" and path.exists():
            if f'"main"."{node["alias"]}"' in path.read_text(encoding="utf-8"):
                found.add(node["alias"])
    return found


def differences(warehouse: Path, other: duckdb.DuckDBPyConnection, only: set | None) -> list[str]:
    """Tables and views of which some row is in the one warehouse and not in the other."""
    other.execute(f"attach '{warehouse}' as continued (read_only)")
    found = []
    relations = other.execute(
        "select distinct table_name from information_schema.tables"
        " where table_schema = 'main' and table_catalog in ('shop', 'continued') order by 1"
    ).fetchall()
    for (name,) in relations:
        if only is not None and name not in only:
            continue
        columns = ", ".join(
            f'"{column}"'
            for (column,) in other.execute(
                "select column_name from information_schema.columns where table_catalog = 'shop'"
                " and table_schema = 'main' and table_name = ? order by ordinal_position",
                [name],
            ).fetchall()
        )
        # sums of digests, as rows have no order; the rows are looked at where those differ
        [here, there] = (
            other.execute(
                f'select count(*), sum(cast(hash({columns}) as hugeint)) from {it}.main."{name}"'
            ).fetchall()
            for it in ("continued", "shop")
        )
        if here == there:
            continue
        [[unequal]] = other.execute(
            f"select count(*) from ("
            f'(select {columns} from continued.main."{name}" except all'
            f' select {columns} from shop.main."{name}") union all'
            f'(select {columns} from shop.main."{name}" except all'
            f' select {columns} from continued.main."{name}"))'
        ).fetchall()
        if unequal:
            found.append(f"{name}: {unequal} rows")
    other.execute("detach continued")
    return found


@pytest.fixture(scope="module")
def replayed_shop(small_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with a fifth of its stock, which has more rows than all the rest."""
    stock = {"inventory_snapshots": "from raw where hash(product_id) % 5 = 0"}
    return changed(small_shop, tmp_path_factory.mktemp("replayed") / "shop", stock)


@pytest.fixture(scope="module")
def project(compiled: CompiledProject) -> CompiledProject:
    return compiled


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, read_project: ReadProject) -> Builds:
    return Builds(read_project, tmp_path_factory.mktemp("continued"))


class ByDbt:
    """Builds by the command. A third of those that continue are killed first, and run once more."""

    def __init__(self, builds: Builds, project: CompiledProject, chance: random.Random) -> None:
        self.builds, self.project, self.chance = builds, project, chance
        self.warehouse = builds.warehouse
        self.warehouse.unlink(missing_ok=True)
        self.kills = 0

    def build(self, folder: Path, whole: bool) -> None:
        arguments = MODELS if whole else [*MODELS, *CONTINUED]
        continues = self.warehouse.exists()
        if continues and self.chance.random() < 1 / 3:
            group = self.builds.start(*arguments, shop=folder)
            self.kills += self.builds.kill(group, after=self.chance.uniform(0, 15)) < 0
        assert self.builds.run(*arguments, shop=folder) == 0, self.builds.said()
        if continues:
            assert read_themselves(self.builds, self.project) == continued(self.project)


class Directly:
    """The SQL by which dbt last continued the tables, run over other loads without dbt.

    Nothing in it comes from the rows but the moment from which a base table is read again.
    """

    def __init__(self, builds: Builds, project: CompiledProject, folder: Path) -> None:
        self.project = project
        self.warehouse = folder / "shop.duckdb"
        self.statements: dict[str, list[str]] = {}
        for name, node in project.nodes.items():
            if node["config"].get("materialized") == "incremental":
                path = Path("ecommerce_kpis") / node["original_file_path"]
                self.statements[name] = [
                    (builds.target / "target" / part / path).read_text("utf-8")
                    for part in ("compiled", "run")
                ]

    def build(self, folder: Path, whole: bool) -> None:
        if not self.warehouse.exists():
            self.project.build(folder, self.warehouse, compared(self.project)).connection.close()
            return
        built = Built(connect(self.warehouse))
        self.project.open_raw_tables(built, folder)
        for name in self.project.order if whole else self.project.needed(compared(self.project)):
            if name in self.statements:
                self.proceed(built.connection, name)
            else:
                self.project.make(built, name, {})
        built.connection.close()

    def proceed(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        table = self.project.nodes[name]["alias"]
        rows, statement = self.statements[name]
        [temporary] = set(re.findall(rf'"{table}__dbt_tmp\d+"', statement))
        if table.startswith("base_"):
            [then] = re.findall(r"loaded_at >= (timestamp '.*')", statement)
            [[now]] = connection.execute(
                f"select coalesce(max(loaded_at) - to_days({LOOK_BACK_DAYS}), '1900-01-01')"
                f" from {table} where row_status <> 'rejected'"
            ).fetchall()
            rows, statement = (it.replace(then, f"timestamp '{now}'") for it in (rows, statement))
        connection.execute(f"create temp table {temporary} as {rows}")
        connection.execute(f"begin; {statement}; commit; drop table {temporary}")


def continued(project: CompiledProject) -> set[str]:
    return {
        node["alias"]
        for node in project.nodes.values()
        if node["config"].get("materialized") == "incremental"
    }


def compared(project: CompiledProject) -> set[str]:
    return continued(project) | {"raw_row_accounting"}


def replay(
    chance: random.Random,
    stops: int,
    shop: Path,
    project: CompiledProject,
    way: ByDbt | Directly,
) -> None:
    """One shop, loaded in so many stops: day by day, or at days of its whole life."""
    arrivals = Arrivals(shop, chance)
    days = arrivals.days()
    first = chance.randrange(len(days) // 3, len(days) - 2 * stops)
    last = chance.choice([first + stops + 1, len(days)])
    ends = [first, *sorted(chance.sample(range(first + 1, last), stops))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, end in enumerate(ends):
            arrivals.write(days[end], folder)
            whole = number == STOPS_OF_A_REPLAY
            only = None if whole else compared(project)
            way.build(folder, whole)
            if number:
                right = project.build(folder, only=only)
                unequal = differences(way.warehouse, right.connection, only)
                assert unequal == [], f"stop {number} ({days[end]}): {unequal}"


def edited(folder: Path, table: str, query: str) -> None:
    """Puts the answer of a query over a raw table, `raw`, in its place."""
    path = folder / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table raw as from '{path}'")
        connection.execute(f"copy ({query}) to '{path}'")


def test_what_comes_late_or_is_no_longer_the_same(
    small_shop: Path, project: CompiledProject, builds: Builds, tmp_path: Path
) -> None:
    """Late rows are counted, reported and taken in on request; an edited table is noticed."""
    folder = tmp_path / "raw"
    shutil.copytree(small_shop, folder)
    builds.warehouse.unlink(missing_ok=True)
    orders = {"base_orders", "rollup_orders", "raw_row_accounting"}
    only = [*MODELS, "--select", "+base_orders", "+rollup_orders", "+raw_row_accounting"]

    def held() -> list[tuple]:
        with duckdb.connect(str(builds.warehouse), read_only=True) as connection:
            return connection.execute(
                "select rows_read, rows_late from raw_row_accounting where table_name = 'orders'"
            ).fetchall()

    def unequal() -> list[str]:
        right = project.build(folder, only=orders)
        return differences(builds.warehouse, right.connection, orders)

    assert builds.run(*only, shop=folder) == 0, builds.said()
    [(read, late)] = held()
    assert late == 0

    old = "select * replace (concat('late-', order_id) as order_id) from raw"
    edited(folder, "orders", f"from raw union all ({old} order by loaded_at limit 2)")
    assert builds.run(*only, shop=folder) == 0, builds.said()
    assert held() == [(read, 2)]
    assert "2 row(s) of `orders` came more than 3 days after their loaded_at" in builds.said()
    assert "dbt build --full-refresh" in builds.said()
    assert unequal() != []

    assert builds.run(*only, "--full-refresh", shop=folder) == 0, builds.said()
    assert held() == [(read + 2, 0)]
    assert unequal() == []

    edited(
        folder,
        "orders",
        "select * replace (case when order_id like 'late-%' then 'PHONE' else promotion_code end"
        " as promotion_code) from raw",
    )
    assert builds.run(*only, shop=folder) == 0, builds.said()
    assert "`orders` that were read before are gone or different" in builds.said()
    assert unequal() == []


REPLAYS = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    print_blob=True,
)


@settings(REPLAYS, max_examples=1, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_a_stop(
    seed: int, replayed_shop: Path, project: CompiledProject, builds: Builds, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    replay(chance, 1, replayed_shop, project, ByDbt(builds, project, chance))
    replay(chance, 2, replayed_shop, project, Directly(builds, project, tmp_path))


@pytest.mark.slow
@settings(REPLAYS, max_examples=max(1, STOPS // (5 * STOPS_OF_A_REPLAY)))
@given(seed=st.integers(0, 10**6))
def test_many_stops(
    seed: int, replayed_shop: Path, project: CompiledProject, builds: Builds
) -> None:
    """By dbt once in five, with kills; the others by the SQL of the last of those."""
    chance = random.Random(seed)
    by_dbt = ByDbt(builds, project, chance)
    replay(chance, STOPS_OF_A_REPLAY, replayed_shop, project, by_dbt)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(4):
            directly = Directly(builds, project, Path(folder))
            directly.warehouse.unlink(missing_ok=True)
            replay(chance, STOPS_OF_A_REPLAY, replayed_shop, project, directly)
    record(
        "the shop replayed in loads, with stops",
        stops=5 * STOPS_OF_A_REPLAY,
        of_which_by_dbt=STOPS_OF_A_REPLAY,
        without_a_difference=5 * STOPS_OF_A_REPLAY,
        kills_in_between=by_dbt.kills,
    )
