"""Shops that several tests look at, each built once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars
import pytest

from harness import oracle
from harness.generate import main as generate
from harness.publish import main as publish
from tests.python.project import ROOT, CompiledProject, dbt

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


def build(raw_dir: Path, variables: dict, target: Path) -> Shop:
    run = dbt("build", target=target, variables=variables)
    assert run.returncode == 0, run.stdout[-5000:]
    # the results of the build itself: later commands write theirs over them
    (target / "built").mkdir()
    for name in ("manifest.json", "run_results.json"):
        shutil.copy(target / "target" / name, target / "built")
    return Shop(raw_dir, variables, target, run.stdout)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build(ROOT / "data" / "demo", {}, tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def published_demo(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the demo shop is published."""
    folder = tmp_path_factory.mktemp("published_demo")
    # a copy, as other tests build the demo shop once more
    warehouse = Path(shutil.copy(demo.target / "shop.duckdb", folder / "demo.duckdb"))
    results = demo.target / "built"
    invocation = json.loads((results / "run_results.json").read_text(encoding="utf-8"))["metadata"]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update runs.last_run set invocation_id = ?", [invocation["invocation_id"]]
        )
    to = folder / "published" / "shop.duckdb"
    options = {"--warehouse": warehouse, "--target-path": results, "--to": to}
    assert publish([str(word) for option in options.items() for word in option]) == 0
    return to.parent


@pytest.fixture(scope="session")
def real_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    if not REAL_SHOP.exists():
        pytest.skip(f"the real shop's data is not at {REAL_SHOP}: it is not part of the project")
    yield build(REAL_SHOP, REAL_SHOP_VARIABLES, tmp_path_factory.mktemp("real_shop"))


@pytest.fixture(scope="session")
def demo_result() -> oracle.Result:
    return oracle.compute(ROOT / "data" / "demo")


@pytest.fixture(scope="session")
def real_shop_result() -> oracle.Result:
    return oracle.compute(
        REAL_SHOP,
        missing_tables=REAL_SHOP_VARIABLES["missing_tables"],
        reporting_currency=REAL_SHOP_VARIABLES["reporting_currency"],
    )


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop like the demo's, a twentieth of its size, for tests that build many."""
    folder = tmp_path_factory.mktemp("small_shop")
    generate(["--scale", "0.05", "--seed", "7", "--out", str(folder)])
    return folder


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return CompiledProject(tmp_path_factory.mktemp("compiled"), {})
