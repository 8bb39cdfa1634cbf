"""A second build gives the same tables; documents and commands are true."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from harness import kpis
from harness.compiled import ROOT
from tests.python.conftest import Shop
from tests.python.forked_builds import Builds, ReadProject


def fingerprints(shop: Shop) -> dict[str, tuple]:
    """Rows of every table and two digests of them that do not depend on their order."""
    found = {}
    for (table,) in shop.rows(
        "select table_name from information_schema.tables where table_schema = 'main'"
        " and table_type = 'BASE TABLE' order by table_name"
    ):
        [found[table]] = shop.rows(
            f'select count(*), bit_xor(hash(t)), sum(hash(t)) from "{table}" as t'
        )
    return found


@pytest.fixture(scope="module")
def builds(read_project: ReadProject, own_demo: Shop) -> Builds:
    return Builds(read_project, own_demo.target)


def test_unit_tests_pass(own_demo: Shop, builds: Builds) -> None:
    """Every worked example in YAML; they are no part of a shop's build (selectors.yml)."""
    assert builds.run("test", "--select", "test_type:unit") == 0, builds.said()[-5000:]
    results = json.loads((own_demo.target / "target" / "run_results.json").read_text())["results"]
    assert len(results) > 80
    assert {result["status"] for result in results} == {"pass", "success"}  # of the hooks


def test_a_second_build_gives_identical_tables(own_demo: Shop, builds: Builds) -> None:
    """Views stay as they are, and data tests would be asked of the same rows."""
    before = fingerprints(own_demo)
    assert len(before) > 40
    tables = [f"config.materialized:{kind}" for kind in ("table", "incremental", "seed")]
    without_tests = ["--exclude-resource-types", "test", "unit_test"]
    assert builds.run("build", "--select", *tables, *without_tests) == 0, builds.said()
    results = json.loads((own_demo.target / "target" / "run_results.json").read_text())["results"]
    made = {result["unique_id"].split(".")[2] for result in results}
    assert before.keys() <= made
    assert fingerprints(own_demo) == before


def test_the_demo_shop_is_made_again_to_the_byte(tmp_path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "harness", "generate", "--scale", "demo", "--seed", "1",
         "--out", tmp_path / "demo"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    embedded = ROOT / "data" / "demo"
    made = sorted(path.name for path in (tmp_path / "demo").iterdir())
    assert len(made) >= 18
    for name in made:
        assert (tmp_path / "demo" / name).read_bytes() == (embedded / name).read_bytes(), name
    assert sum(path.stat().st_size for path in embedded.iterdir()) < 8_000_000


def test_every_model_and_column_is_described(own_demo: Shop, builds: Builds) -> None:
    """And every documented column exists."""
    assert builds.run("docs", "generate", "--no-compile") == 0, builds.said()
    target = own_demo.target / "target"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    catalogue = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    missing = []
    for name, node in {**manifest["nodes"], **manifest["sources"]}.items():
        if node["resource_type"] not in ("model", "seed", "source"):
            continue
        if not node["description"]:
            missing.append(name)
        there = {**catalogue["nodes"], **catalogue["sources"]}[name]["columns"]
        actual = {column.lower() for column in there}
        described = {c.lower() for c, entry in node["columns"].items() if entry["description"]}
        missing += [f"{name}.{column}" for column in sorted(actual - described)]
        missing += [f"{name}.{column} does not exist" for column in sorted(described - actual)]
    assert missing == []


def test_every_kpi_says_what_counts() -> None:
    for identifier, kpi in kpis.entries().items():
        assert kpi["owner"] and kpi["objective"] and kpi["objective_fr"], identifier
        # `entries` stops at a description that has not the five parts, in order
        for language in ("en", "fr"):
            assert all(kpi["parts"][language]) and kpi["parts"][language][0].endswith("?")
        assert kpi["parts"]["en"] != kpi["parts"]["fr"], identifier


@pytest.mark.parametrize(
    "wrong",
    [
        "**Question.** Why? **Definition.** So. **Counts.** All. **Does not count.** None.",
        "**Definition.** So. **Question.** Why? **Counts.** All. **Does not count.** None. "
        "**Read with care.** Yes.",
        "**Question.** Why? **Definition.** So. **Counts.** All. **Does not count.** None. "
        "**Read with care.** Yes. **Counts.** Twice.",
    ],
)
def test_a_description_without_its_parts_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="does not have the parts"):
        kpis.parts(wrong, "en")


def test_the_pages_about_kpis_are_fresh() -> None:
    assert kpis.stale() == []


def test_a_stale_page_about_kpis_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = kpis.entries()
    entries["orders"]["parts"]["fr"][1] = "Autre chose."
    monkeypatch.setattr(kpis, "entries", lambda: entries)
    assert kpis.stale() == ["docs/kpis.fr.md"]


@pytest.mark.parametrize(
    "command",
    ["generate", "build", "publish", "oracle", "contract", "kpis", "benchmark", "reliability"],
)
def test_commands_say_how_they_are_used(command: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "harness", command, "--help"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "usage" in run.stdout
