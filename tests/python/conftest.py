"""Shops that several tests look at, each built once, whichever worker needs it first."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars
import pytest
from filelock import FileLock

from harness import oracle
from harness.compiled import ROOT, CompiledProject, dbt
from harness.generate import main as generate
from harness.publish import main as publish
from tests.python.forked_builds import Builds, ReadProject

IN_PARIS = {"reporting_timezone": "Europe/Paris"}
REAL_SHOP = ROOT.parent / "shared" / "data" / "olist"
REAL_SHOP_VARIABLES = {
    "raw_dir": str(REAL_SHOP),
    "reporting_currency": "BRL",
    "missing_tables": [
        "refunds", "session_events", "tickets", "inventory_snapshots", "experiment_assignments",
        "messages", "leads", "pages", "fx_rates",
    ],
}  # fmt: skip


@dataclass
class Shop:
    """A shop built by the real command: its raw folder, variables, target folder and output."""

    raw_dir: Path
    variables: dict
    target: Path
    output: str

    def table(self, name: str) -> polars.DataFrame:
        with duckdb.connect(str(self.target / "shop.duckdb"), read_only=True) as connection:
            return connection.sql(f'from "{name}"').pl()

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.target / "shop.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()


def build(raw_dir: Path, variables: dict, target: Path) -> None:
    run = dbt("build", target=target, variables=variables)
    assert run.returncode == 0, run.stdout[-5000:]
    (target / "output.txt").write_text(run.stdout, encoding="utf-8")
    # the results of the build itself: later commands write theirs over them
    (target / "built").mkdir()
    for name in ("manifest.json", "run_results.json"):
        shutil.copy(target / "target" / name, target / "built")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, which all workers of a run share: the first that needs it makes it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    made = Path(f"{folder}.made")
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def shop(raw_dir: Path, variables: dict, target: Path) -> Shop:
    return Shop(raw_dir, variables, target, (target / "output.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """For reading: a test that builds in it asks for `own_demo`."""
    raw_dir = ROOT / "data" / "demo"
    target = made_once(tmp_path_factory, "demo", lambda folder: build(raw_dir, {}, folder))
    return shop(raw_dir, {}, target)


@pytest.fixture(scope="module")
def own_demo(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The demo shop as it was built, for the tests of one file to change."""
    target = tmp_path_factory.mktemp("own_demo")
    shutil.copytree(demo.target, target, dirs_exist_ok=True)
    return shop(demo.raw_dir, demo.variables, target)


@pytest.fixture(scope="session")
def published_demo(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the demo shop is published."""

    def make(folder: Path) -> None:
        results = demo.target / "built"
        text = (results / "run_results.json").read_text(encoding="utf-8")
        # a copy, as what was built last is what is published
        warehouse = Path(shutil.copy(demo.target / "shop.duckdb", folder / "demo.duckdb"))
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                "update runs.last_run set invocation_id = ?",
                [json.loads(text)["metadata"]["invocation_id"]],
            )
        to = folder / "published" / "shop.duckdb"
        options = {"--warehouse": warehouse, "--target-path": results, "--to": to}
        assert publish([str(word) for option in options.items() for word in option]) == 0

    return made_once(tmp_path_factory, "published_demo", make) / "published"


@pytest.fixture(scope="session")
def real_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    if not REAL_SHOP.exists():
        pytest.skip(f"the real shop's data is not at {REAL_SHOP}: it is not part of the project")
    target = made_once(
        tmp_path_factory,
        "real_shop",
        lambda folder: build(REAL_SHOP, REAL_SHOP_VARIABLES, folder),
    )
    return shop(REAL_SHOP, REAL_SHOP_VARIABLES, target)


def computed(
    factory: pytest.TempPathFactory, name: str, raw_dir: Path, **variables: object
) -> oracle.Result:
    def make(folder: Path) -> None:
        result = oracle.compute(raw_dir, **variables)
        (folder / "result.pickle").write_bytes(pickle.dumps(result))

    return pickle.loads((made_once(factory, name, make) / "result.pickle").read_bytes())


@pytest.fixture(scope="session")
def demo_result(tmp_path_factory: pytest.TempPathFactory) -> oracle.Result:
    return computed(tmp_path_factory, "demo_result", ROOT / "data" / "demo")


@pytest.fixture(scope="session")
def real_shop_result(tmp_path_factory: pytest.TempPathFactory) -> oracle.Result:
    return computed(
        tmp_path_factory,
        "real_shop_result",
        REAL_SHOP,
        missing_tables=REAL_SHOP_VARIABLES["missing_tables"],
        reporting_currency=REAL_SHOP_VARIABLES["reporting_currency"],
    )


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop like the demo's, a twentieth of its size, for tests that build many."""

    def make(folder: Path) -> None:
        generate(["--scale", "0.05", "--seed", "7", "--out", str(folder)])

    return made_once(tmp_path_factory, "small_shop", make)


@pytest.fixture(scope="session")
def read_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadProject]:
    """For tests that run dbt many times: it reads the project once."""
    project = ReadProject(tmp_path_factory.mktemp("read_project"))
    yield project
    project.close()


def compiled_with(
    variables: dict, name: str, tmp_path_factory: pytest.TempPathFactory, project: ReadProject
) -> CompiledProject:
    def make(folder: Path) -> None:
        builds = Builds(project, folder, variables)
        assert builds.run("compile") == 0, builds.said()

    return CompiledProject(made_once(tmp_path_factory, name, make), variables, is_compiled=True)


@pytest.fixture(scope="session")
def compiled(
    tmp_path_factory: pytest.TempPathFactory, read_project: ReadProject
) -> CompiledProject:
    return compiled_with({}, "compiled", tmp_path_factory, read_project)


@pytest.fixture(scope="session")
def compiled_in_paris(
    tmp_path_factory: pytest.TempPathFactory, read_project: ReadProject
) -> CompiledProject:
    """For the hostile shop, and shops made of it: midnight is not UTC's."""
    return compiled_with(IN_PARIS, "compiled_in_paris", tmp_path_factory, read_project)
