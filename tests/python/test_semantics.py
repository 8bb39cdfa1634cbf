"""The semantic layer: valid, complete, and the same numbers as `kpi_values`.

Each metric is asked of MetricFlow's engine in this process: it writes the SQL that `mf query`
would run, and DuckDB runs it over the demo shop. A start of `mf` for each question takes seconds.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from harness import kpis
from harness.compiled import DBT, ROOT
from tests.python.conftest import Shop

KPIS = kpis.entries()
DOCUMENT = (ROOT / "docs" / "semantic_layer.md").read_text(encoding="utf-8")
NO_METRIC = set(re.findall(r"^\| `(\w+)` \| [^`|][^|]*\w[^|]* \|$", DOCUMENT, re.M)) & set(KPIS)
NO_SEGMENT = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \| [^|]*\w[^|]* \|$", DOCUMENT, re.M))
EXPRESSED = [kpi for kpi in KPIS if kpi not in NO_METRIC]


class Client:
    """What the engine has to know of a warehouse to write SQL for it."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class Semantics:
    """The semantic layer of a built shop, its tables, and the values that it has to find."""

    def __init__(self, shop: Shop) -> None:
        path = shop.target / "target" / "semantic_manifest.json"
        self.manifest = parse_manifest_from_dbt_generated_manifest(path.read_text(encoding="utf-8"))
        self.engine = MetricFlowEngine(SemanticManifestLookup(self.manifest), Client())
        self.connection = duckdb.connect(str(shop.target / "shop.duckdb"), read_only=True)
        self.segment_types = {
            kpi: [
                segment_type
                for segment_type in segment_types.split(", ")
                if (kpi, segment_type) not in NO_SEGMENT
            ]
            for kpi, segment_types in self.rows("select kpi, segment_types from kpi_catalogue")
        }
        # of these, `kpi_values` keeps no row of zero
        self.counts_and_sums = {
            kpi
            for (kpi,) in self.rows(
                "select kpi from kpi_values group by kpi having count(denominator) = 0"
            )
        }

    def rows(self, query: str, values: list | None = None) -> list[tuple]:
        return self.connection.execute(query, values).fetchall()

    def ask(self, **request: object) -> list[dict]:
        """The rows of a question, by column."""
        explained = self.engine.explain(MetricFlowQueryRequest.create(**request))
        cursor = self.connection.execute(explained.sql_statement.without_descriptions.sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def asked(self, kpi: str, grain: str, segment_type: str) -> dict[tuple, float]:
        """A metric by period and segment; null is no value."""
        time = f"metric_time__{grain}"
        parts = [] if segment_type == "all" else segment_type.split("+")
        found: dict[tuple, float] = {}
        for row in self.ask(metric_names=[kpi], group_by_names=[time, *parts]):
            if row[time] is not None and row[kpi] is not None:
                key = (as_date(row[time]), "|".join(row[part] for part in parts) or "all")
                assert key not in found, f"{kpi} by {segment_type}: {key} is there twice"
                found[key] = float(row[kpi])
        return found

    def differences(self, kpi: str, grain: str, segment_type: str) -> list[tuple]:
        """Where the metric and `kpi_values` do not say the same, either way."""
        values = {
            (start, segment): value
            for start, segment, value in self.rows(
                "select period_start, segment_value, value from kpi_values"
                " where kpi = ? and period_grain = ? and segment_type = ?",
                [kpi, grain, segment_type],
            )
        }
        assert values, f"kpi_values has no {kpi} by {segment_type}"
        asked = self.asked(kpi, grain, segment_type)
        different = []
        for key in sorted(asked.keys() | values.keys()):
            metric, value = asked.get(key), values.get(key)
            if metric == 0 and key not in values and kpi in self.counts_and_sums:
                continue
            if metric is None or value is None:
                same = metric is value
            else:
                same = math.isclose(metric, value, rel_tol=1e-9, abs_tol=1e-9)
            if not same:
                different.append((segment_type, grain, *key, metric, value))
        return different


def as_date(moment: date) -> date:
    return date(moment.year, moment.month, moment.day)


@pytest.fixture(scope="module")
def semantics(demo: Shop) -> Iterator[Semantics]:
    semantics = Semantics(demo)
    yield semantics
    # an open reader would keep the next build of the shop out
    semantics.connection.close()


@pytest.mark.parametrize("kpi", EXPRESSED)
def test_a_metric_is_its_kpi(semantics: Semantics, kpi: str) -> None:
    """By month, in all and by three of its segments: the first, the middle and the last one."""
    segments = [name for name in semantics.segment_types[kpi] if name != "all"]
    some = [segments[index] for index in {0, len(segments) // 2, len(segments) - 1} if segments]
    for segment_type in ["all", *some]:
        assert not semantics.differences(kpi, "month", segment_type)


@pytest.mark.slow
@pytest.mark.parametrize("kpi", EXPRESSED)
def test_a_metric_is_its_kpi_by_every_segment_and_grain(semantics: Semantics, kpi: str) -> None:
    for grain in ["day", "week", "quarter", "year"]:
        assert not semantics.differences(kpi, grain, "all")
    for segment_type in semantics.segment_types[kpi]:
        assert not semantics.differences(kpi, "month", segment_type)


def test_each_kpi_is_a_metric_or_listed_with_its_reason(semantics: Semantics) -> None:
    metrics = {metric.name: metric.label for metric in semantics.manifest.metrics}
    assert set(EXPRESSED) <= metrics.keys(), "neither a metric nor in docs/semantic_layer.md"
    assert not NO_METRIC & metrics.keys(), "a metric, and in docs/semantic_layer.md as none"
    labels = {kpi: KPIS[kpi]["label"] for kpi in EXPRESSED}
    assert {kpi: metrics[kpi] for kpi in EXPRESSED} == labels


def test_segments_listed_as_missing_are_cut_by_and_cannot_be_asked(semantics: Semantics) -> None:
    assert NO_SEGMENT
    for kpi, segment_type in NO_SEGMENT:
        assert semantics.rows(
            "select 1 from kpi_values where kpi = ? and segment_type = ? limit 1",
            [kpi, segment_type],
        )
        with pytest.raises(Exception, match="does not match any of the available group-by-items"):
            semantics.asked(kpi, "month", segment_type)


def test_saved_queries_answer(semantics: Semantics) -> None:
    queries = {query.name: query.query_params for query in semantics.manifest.saved_queries}
    assert queries.keys() == set(re.findall(r"^\| `(\w+_by_\w+)` \|", DOCUMENT, re.M))
    for name, query in queries.items():
        rows = semantics.ask(saved_query_name=name)
        for metric in query.metrics:
            assert any(row[metric] is not None for row in rows), f"{name}: no {metric}"


def test_mf_finds_nothing_to_say(demo: Shop, tmp_path: Path) -> None:
    """`mf validate-configs`, the warehouse included, without error or warning."""
    # mf reads `target` of the project's folder, and locks the warehouse: a folder whose
    # target is the demo shop's, and a copy
    warehouse = shutil.copy(demo.target / "shop.duckdb", tmp_path)
    for name in ["dbt_project.yml", "profiles.yml"]:
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "target").symlink_to(demo.target / "target")
    run = subprocess.run(
        [DBT.with_name("mf"), "validate-configs", "--show-all"],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "DUCKDB_PATH": str(warehouse)},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    counts = re.findall(r"\((?:ERRORS|FUTURE_ERRORS|WARNINGS): [^)]*\)", run.stdout + run.stderr)
    assert len(counts) == 6, run.stdout
    assert set(counts) == {"(ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0)"}, run.stdout
