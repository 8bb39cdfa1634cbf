"""The KPIs, recomputed in Python from the raw files by another road, agree on every row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars
import pytest

from harness import contract, oracle
from harness.compiled import CompiledProject
from harness.oracle.raw import AMOUNT_DIGITS, RATE_DIGITS
from tests.python.conftest import Shop


@pytest.fixture(scope="module", params=["demo", "real_shop"])
def shop(request: pytest.FixtureRequest) -> tuple[Shop, oracle.Result]:
    built = request.getfixturevalue(request.param)
    return built, request.getfixturevalue(f"{request.param}_result")


def test_every_value_of_every_kpi(shop: tuple[Shop, oracle.Result]) -> None:
    built, expected = shop
    catalogued = built.table("kpi_catalogue")["kpi"].to_list()
    wanted = expected.kpi_values.filter(polars.col("kpi").is_in(catalogued))
    assert wanted.height > 100_000
    differences = oracle.compare(wanted, built.table("kpi_values"))
    assert differences.is_empty(), differences


def same_reasons(wanted: polars.DataFrame, actual: polars.DataFrame) -> None:
    reasons = ["table_name", "reason"]
    assert (
        actual.select(reasons).sort(reasons).rows() == wanted.select(reasons).sort(reasons).rows()
    )


def test_row_accounting_and_reasons(shop: tuple[Shop, oracle.Result]) -> None:
    built, expected = shop
    columns = ["table_name", "rows_read", "rows_superseded", "rows_rejected", "rows_accepted"]
    assert (
        built.table("raw_row_accounting").select(columns).sort("table_name").rows()
        == expected.accounting.select(columns).sort("table_name").rows()
    )
    same_reasons(expected.rejected, built.table("rejected_rows"))


def same_accepted(table: str, wanted: polars.DataFrame, actual: polars.DataFrame) -> None:
    """The newest copy of each key, column by column; of personal data there are only hashes."""
    columns = [column for column in contract.tables()[table]["columns"] if not column.get("pii")]
    digits = RATE_DIGITS if table == "fx_rates" else AMOUNT_DIGITS
    names = [column["name"] for column in columns]
    rows = actual.filter(row_status="accepted").select(
        (polars.col(column["name"]) * 10**digits).cast(polars.Int64)
        if column["type"] == "decimal"
        else column["name"]
        for column in columns
    )
    assert sorted(map(str, rows.rows())) == sorted(map(str, wanted.select(names).rows()))


def same_staged(table: str, wanted: polars.DataFrame, actual: polars.DataFrame) -> None:
    """Of the accepted rows, what is not converted; a flag that is not there is false."""
    columns = {
        column["name"]: polars.col(column["name"]).fill_null(False)
        if column["type"] == "boolean"
        else polars.col(column["name"])
        for column in contract.tables()[table]["columns"]
        if column["type"] != "decimal" and not column.get("pii")
        if column["name"] != "currency"
    }
    rows = actual.select([*columns]).rows()
    assert sorted(map(str, rows)) == sorted(map(str, wanted.select(**columns).rows()))


@pytest.mark.parametrize("table", contract.tables())
def test_every_accepted_row(table: str, shop: tuple[Shop, oracle.Result]) -> None:
    built, expected = shop
    wanted = expected.shop.raw.tables[table]
    same_accepted(table, wanted, built.table(f"base_{table}"))
    same_staged(table, wanted, built.table(f"stg_{table}"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"reporting_timezone": "America/Los_Angeles", "as_of": "2025-06-30"},
        {"reporting_timezone": "Pacific/Auckland", "reporting_currency": "GBP"},
    ],
)
def test_other_settings(settings: dict, small_shop: Path, tmp_path: Path) -> None:
    """Midnight elsewhere, a past as_of, and a currency that most rows have no rate to."""
    built = CompiledProject(tmp_path, settings).build(small_shop)
    assert built.failures == []
    as_of = settings.get("as_of")
    wanted = oracle.compute(
        small_shop, **{**settings, "as_of": date.fromisoformat(as_of) if as_of else None}
    )
    actual = built.connection.sql("from kpi_values").pl()
    catalogued = built.connection.sql("from kpi_catalogue").pl()["kpi"].to_list()
    differences = oracle.compare(
        wanted.kpi_values.filter(polars.col("kpi").is_in(catalogued)), actual
    )
    assert differences.is_empty(), differences
    accounting = built.connection.sql("from raw_row_accounting order by table_name").pl()
    assert (
        accounting.rows() == wanted.accounting.select(accounting.columns).sort("table_name").rows()
    )


def test_the_comparison_can_fail(demo: Shop) -> None:
    """A row changed, a row missing and a row too many are each found."""
    actual = demo.table("kpi_values").filter(kpi="conversion_rate", period_grain="month").head(500)
    assert oracle.compare(actual, actual).is_empty()
    changed = actual.with_columns(
        polars.when(polars.int_range(polars.len()) == 7)
        .then(polars.col("value") + 1e-6)
        .otherwise(polars.col("value"))
        .alias("value")
    )
    assert not oracle.compare(actual, changed).is_empty()
    assert not oracle.compare(actual, actual.tail(-1)).is_empty()
    assert not oracle.compare(actual.tail(-1), actual).is_empty()
    nulled = actual.with_columns(polars.lit(None, polars.Float64).alias("denominator"))
    assert not oracle.compare(actual, nulled).is_empty()
