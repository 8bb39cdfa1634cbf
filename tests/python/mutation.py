"""`make mutation`: typical mistakes in the SQL of every model; some check must turn red for each.

    python -m tests.python.mutation --models 'kpi_*,rollup_sales' --limit 3 --figures figures.json

A mutant is one mistake in one model's compiled SQL (tests/python/mutants.py). It is built over
shops that were built right before, in a transaction that is rolled back. It is killed by the first
of the project's own checks that turns red: the database refuses it, a unit test, a data test, the
oracle on `kpi_values` and on every other table that is computed a second time, or a worked example
in Python. What comes of it is built only as far as it differs from what is right.
"""

from __future__ import annotations

import argparse
import copy
import fnmatch
import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from harness import oracle
from harness.compiled import ROOT, Built, CompiledProject, dbt, run_python_model
from harness.generate import main as generate
from tests.python import (
    mutants,
    test_customers,
    test_fuzz,
    test_hostile_shop,
    test_kpi_shape,
    test_marketing,
    test_operations,
    test_oracle,
    test_rollup_shape,
    test_site,
    test_steering,
)
from tests.python.conftest import IN_PARIS
from tests.python.mutants import Mutant
from tests.python.shops import awkward
from tests.python.soak import record

EXPLAINED = ROOT / "tests" / "mutation_survivors.yml"
SEED = 8
# a KPI is a view of a few lines
LIMIT, LIMIT_OF_KPI = 6, 3
# made of the text of the KPIs, which have their own mutants, or of the contract
NOT_CHANGED = {"kpi_values", "kpi_catalogue"}
SECONDS = 60

FLOORS = [
    "base", "staging", "quality", "intermediate", "core", "rollups", "sales", "conversion", "cart",
    "customers", "marketing", "satisfaction", "fulfilment", "inventory", "leads", "content",
    "support", "scorecard",
]  # fmt: skip

Check = Callable[[pl.DataFrame], None]


def is_kpi(model: str) -> bool:
    return model.startswith("kpi_") and model.removeprefix("kpi_") in oracle.IMPLEMENTED


# ---- the tables that are computed a second time --------------------------------------------


def none(found: list | pl.DataFrame) -> None:
    assert len(found) == 0, found


def checks(result: oracle.Result) -> dict[str, Callable[[], Check]]:
    """By table: what makes its comparison with the oracle. Computed when first asked for."""
    facts = result.shop

    def site(table: str) -> Callable[[], Check]:
        def make() -> Check:
            wanted = test_site.EXPECTED[table](facts)
            return lambda actual: none(test_site.differences(table, wanted, actual))

        return make

    def customers(keys: list[str], recompute: Callable[[], dict]) -> Callable[[], Check]:
        def make() -> Check:
            wanted = recompute()
            return lambda actual: none(test_customers.differences(actual, keys, wanted))

        return make

    def operations(table: str) -> Callable[[], Check]:
        def make() -> Check:
            wanted = test_operations.RECOMPUTED[table][0](facts)
            return lambda actual: test_operations.assert_same(table, wanted, actual)

        return make

    def against(recompute: Callable[[], object], assert_same: Callable) -> Callable[[], Check]:
        def make() -> Check:
            wanted = recompute()
            return lambda actual: assert_same(wanted, actual)

        return make

    def rows(wanted: pl.DataFrame, keys: list[str]) -> Callable[[], Check]:
        values = [name for name in wanted.columns if name not in keys]
        return lambda: (
            lambda actual: none(
                oracle.compare_rows(wanted, actual.select(wanted.columns), keys, values)
            )
        )

    def rows_of(table: str, assert_same: Callable) -> Callable[[], Check]:
        wanted = facts.raw.tables[table]
        return lambda: lambda actual: assert_same(table, wanted, actual)

    def credits() -> dict:
        return test_marketing.marketing_tables.attribution(facts, touched())

    def touched() -> pl.DataFrame:
        return test_marketing.marketing_tables.touches(facts)

    marketing = {
        "order_touches": (touched, test_marketing.same_touches),
        "channel_attribution": (credits, test_marketing.same_credits),
        "markov_model": (
            lambda: test_marketing.attribution.channel_effects(facts), test_marketing.same_chain
        ),
        "channel_performance": (
            lambda: test_marketing.performance(facts, credits()), test_marketing.same_performance
        ),
        "campaign_halo": (
            lambda: test_marketing.marketing_tables.halo(facts, touched()),
            test_marketing.same_halo,
        ),
    }  # fmt: skip
    return {
        **{table: site(table) for table in test_site.TABLES},
        **{
            table: customers(keys, lambda recompute=recompute: recompute(result))
            for table, (keys, recompute) in test_customers.TABLES.items()
        },
        "customer_values": customers(
            ["customer_id"], lambda: test_customers.customer_values(facts)
        ),
        **{table: operations(table) for table in test_operations.RECOMPUTED},
        **{table: against(*pair) for table, pair in marketing.items()},
        **{
            table: against(lambda recompute=recompute: recompute(result), assert_same)
            for table, (recompute, assert_same) in test_steering.RECOMPUTED.items()
        },
        "raw_row_accounting": rows(result.accounting, ["table_name"]),
        "rejected_rows": against(lambda: result.rejected, test_oracle.same_reasons),
        **{
            f"base_{table}": rows_of(table, test_oracle.same_accepted) for table in facts.raw.tables
        },
        **{f"stg_{table}": rows_of(table, test_oracle.same_staged) for table in facts.raw.tables},
    }


# ---- a shop built right, and what a mistake makes of it ------------------------------------


class Bench:
    """One shop built right by a compiled project, and the checks in the order of the models."""

    def __init__(
        self,
        name: str,
        project: CompiledProject,
        shop: Path,
        floors: tuple[str, ...] = ("models",),
        **settings: str,
    ) -> None:
        self.name, self.project = name, project
        self.is_whole = floors == ("models",)
        only = None if self.is_whole else project.models_of(*floors)
        self.connection = project.build(shop, only=only).connection
        # sums of doubles are the same again; a join that meets everything ends before the machine
        self.connection.execute(
            "set threads = 1; set memory_limit = '4GB'; set temp_directory = ''"
        )
        self.result = oracle.compute(shop, kpis=None if self.is_whole else ["sessions"], **settings)
        self.kpis = {
            kpi: rows
            for (kpi,), rows in self.result.kpi_values.group_by("kpi", maintain_order=True)
        }
        self.checks: dict[str, Check] = {}
        self.right: dict[str, tuple] = {}
        self.nodes = {
            name: node
            for name, node in project.nodes.items()
            if self.is_whole
            or (node["resource_type"] == "model" and node["original_file_path"].startswith(floors))
        }
        self.models = {
            node["name"]: name
            for name, node in self.nodes.items()
            if node["resource_type"] == "model"
        }
        self.recomputed = {
            table: make
            for table, make in checks(self.result).items()
            if self.is_whole or table in self.models
        }
        self.order = list(self.steps())
        # comparisons that were seen to hold of the right tables, and those that do not
        self.proven: set[str] = set()
        self.useless: set[str] = set()

    def steps(self) -> Iterator[str]:
        """As a build may go, floor by floor; what is soon told of a mistake as soon as can be."""
        kinds = ("model", "seed", "test")
        waiting = [
            name
            for name in self.project.order
            if name in self.nodes and self.nodes[name]["resource_type"] in kinds
        ]
        done: set[str] = set()
        while waiting:
            ready = [name for name in waiting if self.parents(name) <= done]
            name = min(ready, key=self.rank)
            waiting.remove(name)
            done.add(name)
            yield name

    def rank(self, name: str) -> int:
        """Tests and KPIs at once, then by floor; the scorecard, which reads all KPIs, at last."""
        node = self.nodes[name]
        if node["resource_type"] != "model" or is_kpi(node["name"]):
            return 0
        return FLOORS.index(node["original_file_path"].split("/")[-2])

    def parents(self, name: str) -> set[str]:
        depends_on = self.nodes[name]["depends_on"].get("nodes", [])
        return {parent for parent in depends_on if parent in self.nodes}

    def wrong_green(self) -> set[str]:
        """Tables whose comparison does not hold without any mistake."""
        tables = [*self.recomputed, *(model for model in self.models if is_kpi(model))]
        return {table for table in tables if self.told(table) is not None}

    def proves(self, red: str | None) -> bool:
        """Whether what is red for a mistake is green without one."""
        kind, _, table = (red or "").partition(": ")
        if kind != "oracle" or table in self.proven:
            return True
        (self.useless if self.told(table) else self.proven).add(table)
        return table in self.proven

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def content(self, table: str) -> tuple:
        [row] = self.rows(f'select count(*), sum(hash(rows)) from "{table}" as rows')
        return row

    def differs(self, table: str) -> bool:
        return self.content(table) != self.right[table]

    def told(self, table: str) -> str | None:
        """What the oracle says of a table, if it is against it."""
        if is_kpi(table):
            kpi = table.removeprefix("kpi_")
            wanted = self.kpis.get(kpi, self.result.kpi_values.head(0))
            actual = self.connection.sql(f'from "{table}"').pl()
            return None if oracle.compare(wanted, actual).is_empty() else f"oracle: {table}"
        if table not in self.recomputed:
            return None
        if table not in self.checks:
            self.checks[table] = self.recomputed[table]()
        try:
            self.checks[table](self.connection.sql(f'from "{table}"').pl())
        except (AssertionError, pl.exceptions.PolarsError):
            return f"oracle: {table}"
        return None

    def red(self, model: str, code: str) -> tuple[str | None, int]:
        """The first check that is against a model's SQL, and how many tables it changes."""
        for name in {*self.models} - {*self.right}:
            self.right[name] = self.content(self.nodes[self.models[name]]["alias"])
        red, changed = self.tried(model, code)
        return (red, changed) if self.proves(red) else self.red(model, code)

    def tried(self, model: str, code: str) -> tuple[str | None, int]:
        alarm = threading.Timer(SECONDS, self.connection.interrupt)
        alarm.start()
        self.connection.execute("begin")
        try:
            return self.first_red(self.models[model], code)
        finally:
            alarm.cancel()
            self.connection.execute("rollback")

    def first_red(self, mutated: str, code: str) -> tuple[str | None, int]:
        wrong: set[str] = set()
        for name in self.order:
            node = self.nodes[name]
            if name != mutated and not self.parents(name) & wrong:
                continue
            try:
                if node["resource_type"] == "test":
                    [[failing]] = self.rows(f"select count(*) from ({node['compiled_code']})")
                    if failing:
                        return f"data test: {node['name']}", len(wrong)
                    continue
                self.make(node, code if name == mutated else node["compiled_code"])
                if self.differs(node["alias"]):
                    wrong.add(name)
                    if node["alias"] not in self.useless:
                        if told := self.told(node["alias"]):
                            return told, len(wrong)
                elif name == mutated:
                    return None, 0
            except duckdb.Error as error:
                late = isinstance(error, duckdb.InterruptException)
                return "time: it takes too long" if late else "error: refused", len(wrong)
        return self.by_hand() if wrong else None, len(wrong)

    def by_hand(self) -> str | None:
        """What the answers of the hostile shop, worked out by hand, say against its tables."""
        if self.name != "hostile":
            return None
        built = Built(self.connection)
        given = {"project": self.project, "timed": (built, 0), "built": built}
        return WithMistake(**given, expected=self.result).red(Path(test_hostile_shop.__file__))

    def make(self, node: dict, code: str) -> None:
        if node["language"] == "python":
            run_python_model(self.connection, node["alias"], code)
            return
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        self.connection.execute(f"create or replace {kind} shop.main.{node['alias']} as {code}")


# ---- worked examples: dbt's unit tests, and those of tests/python --------------------------


def plain(value: object) -> object:
    """Numbers as text of nine digits: of an unit test, dbt compares the text too."""
    try:
        return f"{float(value):.9g}" if not isinstance(value, bool | str) else value
    except (TypeError, ValueError):
        return value


@dataclass
class UnitTest:
    """dbt's own SQL of a unit test, with the model's part of it apart."""

    name: str
    sql: str
    code: str

    @cached_property
    def tree(self) -> tuple[mutants.Node, list[mutants.Node]]:
        """The model as it was written, and its fixtures."""
        tree = mutants.parse(self.code)
        given = [cte for cte in tree.ctes if cte.alias.startswith("__dbt__cte__")]
        for cte in given:
            cte.pop()
        if not tree.ctes:
            tree.set("with_", None)
        return tree, given

    def is_red(self, bench: Bench, mutant: Mutant | None, measures: mutants.Measures) -> bool:
        code = self.code
        if mutant:
            tree, given = self.tree
            changed = mutant.applied(tree, measures)
            if changed is None:
                return False
            whole = mutants.parse(changed)
            for cte in reversed(given):
                whole = whole.with_(cte.alias, cte.this.copy(), append=True, copy=False)
                ctes = whole.args["with_"].expressions
                ctes.insert(0, ctes.pop())
            code = mutants.text(whole)
        assert self.code in self.sql
        try:
            rows = bench.rows(self.sql.replace(self.code, code))
        except duckdb.Error:
            return True
        sides = [Counter(), Counter()]
        for *values, side in rows:
            sides[side == "actual"][tuple(plain(value) for value in values)] += 1
        return sides[0] != sides[1]


def unit_tests(target: Path) -> dict[str, list[UnitTest]]:
    """By model, from what `dbt test -s test_type:unit` left in its target folder."""
    target = target / "target"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["unit_tests"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    found: dict[str, list[UnitTest]] = {}
    for result in results:
        if test := manifest.get(result["unique_id"]):
            [path] = (target / "run").rglob(f"{test['name']}.sql")
            found.setdefault(test["model"], []).append(
                UnitTest(test["name"], path.read_text(encoding="utf-8"), result["compiled_code"])
            )
    return found


class WithMistake:
    """To pytest: some fixtures have a mistake in them; only tests that need no other are run."""

    NO_MATTER = {"request", "value"}

    def __init__(self, **fixtures: object) -> None:
        self.fixtures = fixtures
        self.failed: list[str] = []

    def pytest_collection_modifyitems(self, items: list) -> None:
        items[:] = [item for item in items if self.is_wanted(item)]

    def is_wanted(self, item: pytest.Function) -> bool:
        parameters = {*item.callspec.params} if hasattr(item, "callspec") else set()
        # its own arguments: what a fixture that is given would need itself is not made
        needed = {*item._fixtureinfo.argnames} - parameters - self.NO_MATTER
        return needed <= {*self.fixtures} and bool(needed) and "ten_thousand" not in item.name

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: object, request: object) -> object:
        if (given := self.fixtures.get(fixturedef.argname)) is not None:
            fixturedef.cached_result = (given, fixturedef.cache_key(request), None)
        return given

    def red(self, *files: Path) -> str | None:
        """The first test of the files that fails."""
        options = ["-x", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal"]
        pytest.main([*options, *map(str, files)], plugins=[self])
        return f"worked example: {self.failed[0]}" if self.failed else None

    def pytest_runtest_logreport(self, report: object) -> None:
        if report.failed:
            self.failed.append(report.nodeid.split("::")[-1])


def red_by_hand(project: CompiledProject, model: str, code: str) -> str | None:
    """The worked example in Python that is against a model's SQL."""
    files = [
        path
        for path in sorted(Path(__file__).parent.glob("test_*.py"))
        if model in path.read_text(encoding="utf-8") and path.name != "test_mutation.py"
    ]
    if not files:
        return None
    nodes = dict(project.nodes)
    name = next(n for n, node in nodes.items() if node["name"] == model and n.startswith("model."))
    nodes[name] = {**nodes[name], "compiled_code": code}
    wrong = copy.copy(project)
    wrong.nodes = nodes
    return WithMistake(compiled=wrong).red(*files)


# ---- a run ---------------------------------------------------------------------------------


class Mutation:
    """Everything that the mutants of some models are held against."""

    def __init__(self, folder: Path, patterns: list[str], *, is_built: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        in_paris = IN_PARIS
        self.project = CompiledProject(folder / "compiled", {}, is_compiled=is_built)
        there = CompiledProject(folder / "in_paris", in_paris, is_compiled=is_built)
        self.models = self.models_like(patterns)
        shop = folder / "awkward_shop"
        if not is_built:
            generate(["--scale", "0.05", "--seed", "7", "--out", str(folder / "small_shop")])
            awkward(folder / "small_shop", shop)
            (folder / "units").mkdir()
            built = self.project.build(shop, folder / "units" / "shop.duckdb")
            built.connection.close()
        # tests change, whatever was compiled
        wanted = [f"test_type:unit,{model}" for model in self.models]
        selected = ["test_type:unit"] if patterns == ["*"] else wanted
        run = dbt("test", "-s", *selected, target=folder / "units")
        assert run.returncode == 0, run.stdout[-5000:]
        self.units = unit_tests(folder / "units")
        self.benches = [
            Bench("awkward", self.project, shop),
            Bench("hostile", there, test_hostile_shop.HOSTILE, **in_paris),
        ]
        if not there.models_of(*test_fuzz.STAGING).isdisjoint(self.models):
            shutil.rmtree(folder / "every_value", ignore_errors=True)
            rows = test_fuzz.every_value()
            for form in ("csv", *test_fuzz.MIXED):
                raw = folder / "every_value" / form
                raw.mkdir(parents=True)
                test_fuzz.write(rows, raw, form)
                self.benches.append(Bench(form, there, raw, test_fuzz.STAGING, **in_paris))
        self.measures: mutants.Measures = {}
        for table, column in self.benches[0].rows(
            "select table_name, column_name from information_schema.columns where table_schema ="
            " 'main' and regexp_matches(data_type, '^(BIGINT|HUGEINT|INTEGER|DOUBLE|DECIMAL)')"
            " order by table_name, ordinal_position"
        ):
            self.measures.setdefault(table, []).append(column)
        self.trees: dict[tuple[str, str], mutants.Node] = {}

    def tree(self, bench: Bench, model: str) -> mutants.Node:
        if (bench.name, model) not in self.trees:
            code = bench.nodes[bench.models[model]]["compiled_code"]
            self.trees[bench.name, model] = mutants.parse(code)
        return self.trees[bench.name, model]

    def models_like(self, patterns: list[str]) -> list[str]:
        return [
            node["name"]
            for name in self.project.order
            if (node := self.project.nodes[name])["resource_type"] == "model"
            and node["language"] == "sql"
            and node["name"] not in NOT_CHANGED
            and any(fnmatch.fnmatch(node["name"], pattern) for pattern in patterns)
        ]

    def chosen(self, limit: int | None) -> Iterator[Mutant]:
        bench = self.benches[0]
        for model in self.models:
            tree = self.tree(bench, model)
            if limit is None:
                most = LIMIT_OF_KPI if is_kpi(model) else LIMIT
            else:
                most = limit

            def is_sql(mutant: Mutant, tree: mutants.Node = tree) -> bool:
                try:
                    # bound, not planned: to plan many grouping sets takes seconds
                    bench.rows(f"describe {mutant.applied(tree, self.measures)}")
                except duckdb.Error:
                    return False
                return True

            found = mutants.mutants_of(model, tree, self.measures)
            yield from mutants.chosen(found, most, f"{SEED} {model}", is_sql)

    def again(self, rows: list[dict]) -> Iterator[Mutant]:
        """The mutants of an earlier run, of the same SQL."""
        for row in rows:
            tree = self.tree(self.benches[0], row["model"])
            found = mutants.mutants_of(row["model"], tree, self.measures)[row["operator"]]
            yield from (mutant for mutant in found if mutant.number == row["number"])

    def killed_by(self, mutant: Mutant) -> str:
        """The kind and name of the check that turns red; '' for a survivor, with what it changes.

        `unchanged`: on no shop does it change its own table. `unread`: nobody looks at the change.
        """
        for test in self.units.get(mutant.model, []):
            if test.is_red(self.benches[0], mutant, self.measures):
                assert not test.is_red(self.benches[0], None, self.measures), test.name
                return f"unit test: {test.name}"
        if is_kpi(mutant.model) and (law := self.broken_law(mutant)):
            return f"worked example: {law}"
        survivor = "unchanged"
        for bench in self.benches:
            if mutant.model not in bench.models:
                continue
            code = mutant.applied(self.tree(bench, mutant.model), self.measures)
            if code is None:
                continue
            red, changed = bench.red(mutant.model, code)
            if red:
                return red
            if changed:
                survivor = "unread"
        code = mutant.applied(self.tree(self.benches[0], mutant.model), self.measures)
        if mutant.model in test_rollup_shape.ROLLUPS:
            types = test_rollup_shape.types_of(self.benches[0].connection)
            laws = test_rollup_shape.broken_laws(self.project, mutant.model, code, types)
            if law := next(laws, None):
                return f"worked example: {law}"
        return red_by_hand(self.project, mutant.model, code) or survivor

    def broken_law(self, mutant: Mutant) -> str | None:
        code = mutant.applied(self.tree(self.benches[0], mutant.model), self.measures)
        try:
            laws = test_kpi_shape.broken_laws(self.project, mutant.model.removeprefix("kpi_"), code)
        except duckdb.Error:
            return "refused"
        return min(laws, default=None)

    def floor(self, model: str) -> str:
        path = self.project.nodes[self.benches[0].models[model]]["original_file_path"]
        floor = path.split("/")[1]
        if floor != "marts":
            return floor
        if is_kpi(model):
            return "kpis"
        return "scorecard" if "/scorecard/" in path else "analyses"


def explanation(mutant: Mutant, explained: list[dict]) -> dict | None:
    for entry in explained:
        if all(
            fnmatch.fnmatchcase(getattr(mutant, key), str(entry[key]).replace("[", "[[]"))
            for key in ("model", "within", "operator", "before", "after")
            if key in entry
        ):
            return entry
    return None


def summary(rows: list[dict], key: str) -> list[str]:
    """Made, killed, explained, unexplained and the score by one key."""
    lines = [f"{key:22} {'made':>6} {'killed':>7} {'explained':>10} {'left':>5} {'score':>7}"]
    for name in [*sorted({row[key] for row in rows}), "all"]:
        own = [row for row in rows if name in ("all", row[key])]
        killed = sum(row["killed"] for row in own)
        explained = sum(bool(row["reason"]) for row in own)
        judged = len(own) - explained
        score = f"{killed / judged:.1%}" if judged else "-"
        left = judged - killed
        lines.append(f"{name:22} {len(own):6} {killed:7} {explained:10} {left:5} {score:>7}")
    return lines


def record_figures(rows: list[dict]) -> None:
    """For docs/reliability.md. The score leaves out what cannot be told from what is right."""
    made, killed = len(rows), sum(row["killed"] for row in rows)
    explained = sum(bool(row["reason"]) for row in rows)
    record(
        "mistakes made in the SQL (`make mutation`)",
        models=len({row["model"] for row in rows}), mistakes=made, noticed=killed,
        equal_to_what_is_right=explained,
        not_noticed=made - killed - explained, score_in_percent=100 * killed / (made - explained),
        noticed_of_all_in_percent=100 * killed / made,
    )  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.python.mutation", description=__doc__)
    parser.add_argument("--models", default="*", help="names or patterns, by comma")
    parser.add_argument("--limit", type=int, help="mutants of a model; by default 3 of a KPI, 6")
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "mutation")
    parser.add_argument("--again", action="store_true", help="with what the last run compiled")
    parser.add_argument("--left", type=Path, help="only what this log neither kills nor explains")
    parser.add_argument("--figures", type=Path, help="JSON file for the figures")
    arguments = parser.parse_args(argv)
    if not arguments.again and arguments.work.exists():
        parser.error(f"{arguments.work} is there: remove it, or say --again")
    started = time.monotonic()
    explained = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))["survivors"]
    rows, retried, patterns = [], [], arguments.models.split(",")
    if arguments.left:
        reasons = {entry["reason"] for entry in explained}
        lines = arguments.left.read_text(encoding="utf-8").splitlines()
        for row in map(json.loads, lines):
            is_settled = row["killed"] or row["reason"] in reasons
            (rows if is_settled else retried).append(row)
        patterns = sorted({row["model"] for row in retried})
    mutation = Mutation(arguments.work, patterns, is_built=arguments.again)
    print(f"ready after {time.monotonic() - started:.0f} s", flush=True)
    log = (arguments.work / "mutants.jsonl").open("w", encoding="utf-8")
    print("".join(json.dumps(row) + "\n" for row in rows), file=log, end="")
    made = mutation.again(retried) if arguments.left else mutation.chosen(arguments.limit)
    for mutant in made:
        begun = time.monotonic()
        red = mutation.killed_by(mutant)
        killed = ":" in red
        entry = None if killed else explanation(mutant, explained)
        rows.append({
            **asdict(mutant), "floor": mutation.floor(mutant.model), "killed": killed, "by": red,
            "reason": entry["reason"] if entry else None,
            "seconds": round(time.monotonic() - begun, 2),
        })  # fmt: skip
        print(json.dumps(rows[-1]), file=log, flush=True)
        if not killed and not entry:
            print(f"survives ({red}): {mutant}", flush=True)
    seconds = sum(row["seconds"] for row in rows) / max(1, len(rows))
    kinds = Counter(row["by"].split(":")[0] for row in rows if row["killed"])
    print("", *summary(rows, "floor"), "", *summary(rows, "operator"), "", sep="\n")
    print("killed by", ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(f"{seconds:.2f} s a mutant")
    for bench in mutation.benches:
        if bench.useless:
            print(f"red without a mistake, so not asked, in {bench.name}:", *bench.useless)
    left = [row for row in rows if not row["killed"] and not row["reason"]]
    if arguments.models == "*" and arguments.limit is None:
        record_figures(rows)
    if arguments.figures:
        figures = {
            "made": len(rows), "killed": sum(row["killed"] for row in rows),
            "killed_by": dict(kinds), "explained": sum(bool(row["reason"]) for row in rows),
            "unexplained": len(left), "seconds_a_mutant": round(seconds, 2), "seed": SEED,
            "by_floor": {
                floor: {
                    "made": len(own), "killed": sum(row["killed"] for row in own),
                    "explained": sum(bool(row["reason"]) for row in own),
                }
                for floor in sorted({row["floor"] for row in rows})
                if (own := [row for row in rows if row["floor"] == floor])
            },
        }  # fmt: skip
        arguments.figures.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main())
