"""Operations: the tables recomputed by another road, what was planted, published figures."""

from __future__ import annotations

import polars
import pytest

from harness import oracle
from harness.oracle import forecast, operations
from tests.python.conftest import Shop


@pytest.fixture(scope="module", params=["demo", "real_shop"])
def shop(request: pytest.FixtureRequest) -> tuple[Shop, oracle.shop.Shop]:
    built = request.getfixturevalue(request.param)
    given = built.variables
    result = oracle.compute(
        built.raw_dir,
        missing_tables=given.get("missing_tables", []),
        reporting_currency=given.get("reporting_currency", "EUR"),
        kpis=["backlog_orders"],
    )
    return built, result.shop


def differences(
    wanted: polars.DataFrame, actual: polars.DataFrame, keys: list[str], values: list[str]
) -> polars.DataFrame:
    """Rows that are not the same, null-safe; numbers within 1e-9, relative or absolute."""
    assert not wanted.select(keys).is_duplicated().any()
    assert not actual.select(keys).is_duplicated().any()
    left = wanted.select(*keys, *values, polars.lit(True).alias("here"))
    right = actual.select(*keys, *values, polars.lit(True).alias("there"))
    joined = left.join(right, on=keys, how="full", coalesce=True, suffix="_actual")
    same = polars.col("here") & polars.col("there")
    for name in values:
        ours, theirs = polars.col(name), polars.col(f"{name}_actual")
        if joined.schema[name].is_float():
            limit = polars.max_horizontal(polars.lit(1e-9), 1e-9 * ours.abs())
            near = ((ours - theirs).abs() <= limit).fill_null(False)
            same &= near | (ours.is_null() & theirs.is_null())
        else:
            same &= ours.eq_missing(theirs)
    return joined.filter(~same.fill_null(False))


def test_delivery_performance_by_another_road(shop: tuple[Shop, oracle.shop.Shop]) -> None:
    built, facts = shop
    wanted = operations.delivery_performance(facts)
    assert wanted.height > 10_000
    found = differences(
        wanted,
        built.table("delivery_performance"),
        operations.KEYS,
        ["shipments", "open_shipments", "average_hours", "p50_hours", "p90_hours",
         "average_open_hours", "share_of_total", "is_bottleneck", "is_warehouse_bottleneck"],
    )  # fmt: skip
    assert found.is_empty(), found


def test_demand_forecast_by_another_road(shop: tuple[Shop, oracle.shop.Shop]) -> None:
    built, facts = shop
    wanted = forecast.forecasts(facts, [0]).filter(polars.col("model") != "not_on_sale")
    assert wanted.height > 5_000
    found = differences(
        wanted.rename({"lower_units": "lower", "upper_units": "upper"}),
        built.table("demand_forecast"),
        ["product_id", "forecast_date"],
        ["forecast_units", "lower", "upper", "model"],
    )
    assert found.is_empty(), found


def test_inventory_position_by_another_road(shop: tuple[Shop, oracle.shop.Shop]) -> None:
    built, facts = shop
    wanted = operations.inventory_position(facts)
    assert wanted.height == built.table("fct_inventory").filter(
        polars.col("snapshot_date") == facts.as_of
    ).height
    values = [name for name in wanted.columns if name not in ("product_id", "warehouse_id")]
    found = differences(
        wanted, built.table("inventory_position"), ["product_id", "warehouse_id"], values
    )
    assert found.is_empty(), found
