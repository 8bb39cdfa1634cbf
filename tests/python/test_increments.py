"""Builds that continue equal builds from nothing: the shop is replayed in loads, with many stops.

A row arrives when it was loaded, or up to the look-back later, in any order; some arrive again,
some once more with other content. After each stop every table that is continued is compared, row
by row, with one built from nothing out of the same raw rows; after the last one, every table and
view. REPLAYED_STOPS is the number of stops of the long form.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness import contract
from tests.python.forked_builds import Builds
from tests.python.project import CompiledProject
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
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return CompiledProject(tmp_path_factory.mktemp("from_nothing"), {})


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    started = Builds(tmp_path_factory.mktemp("continued"), {})
    yield started
    started.close()


def replay(
    seed: int, stops: int, small_shop: Path, project: CompiledProject, builds: Builds
) -> None:
    """One shop, loaded in so many stops. A third of the builds are killed, and run once more."""
    kills = 0
    chance = random.Random(seed)
    arrivals = Arrivals(small_shop, chance)
    days = arrivals.days()
    first = chance.randrange(len(days) // 3, len(days) - 2 * stops)
    ends = [first, *sorted(chance.sample(range(first + 1, len(days)), stops))]
    builds.warehouse.unlink(missing_ok=True)
    continued = {
        node["alias"]
        for node in project.nodes.values()
        if node["config"].get("materialized") == "incremental"
    }
    compared = continued | {"raw_row_accounting"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "raw"
        for number, end in enumerate(ends):
            arrivals.write(days[end], folder)
            whole = number == STOPS_OF_A_REPLAY
            arguments = MODELS if whole else [*MODELS, *CONTINUED]
            if number and chance.random() < 1 / 3:
                group = builds.start(*arguments, shop=folder)
                kills += builds.kill(group, after=chance.uniform(0, 15)) < 0
            assert builds.run(*arguments, shop=folder) == 0, builds.said()
            if number == 0:
                continue
            assert read_themselves(builds, project) == continued
            right = project.build(folder, only=None if whole else compared)
            unequal = differences(builds.warehouse, right.connection, None if whole else compared)
            assert unequal == [], f"seed {seed}, stop {number} ({days[end]}): {unequal}"
    record(
        "the shop replayed in loads, with stops",
        stops=stops,
        without_a_difference=stops,
        kills_in_between=kills,
    )


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
def test_a_stop(seed: int, small_shop: Path, project: CompiledProject, builds: Builds) -> None:
    replay(seed, 1, small_shop, project, builds)


@pytest.mark.slow
@settings(REPLAYS, max_examples=max(1, STOPS // STOPS_OF_A_REPLAY))
@given(seed=st.integers(0, 10**6))
def test_many_stops(seed: int, small_shop: Path, project: CompiledProject, builds: Builds) -> None:
    replay(seed, STOPS_OF_A_REPLAY, small_shop, project, builds)
