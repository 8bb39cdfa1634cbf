"""Operations: the tables recomputed by another road, what was planted, published figures."""

from __future__ import annotations

import json

import duckdb
import polars
import pytest

from harness import oracle
from harness.oracle import forecast, operations
from tests.python.conftest import Shop
from tests.python.project import ROOT, dbt

M3 = ROOT.parent / "shared" / "data" / "m3"


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
    assert (
        wanted.height
        == built.table("fct_inventory").filter(polars.col("snapshot_date") == facts.as_of).height
    )
    values = [name for name in wanted.columns if name not in ("product_id", "warehouse_id")]
    found = differences(
        wanted, built.table("inventory_position"), ["product_id", "warehouse_id"], values
    )
    assert found.is_empty(), found


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("satisfaction_by_delivery", ["segment_type", "segment_value"]),
        ("lateness_cost", ["outcome", "lateness"]),
    ],
)
def test_satisfaction_by_another_road(
    table: str, keys: list[str], shop: tuple[Shop, oracle.shop.Shop]
) -> None:
    built, facts = shop
    wanted = getattr(operations, table)(facts)
    assert wanted.height >= 8
    values = [name for name in wanted.columns if name not in keys]
    found = differences(wanted, built.table(table), keys, values)
    assert found.is_empty(), found


# ---- error measures ------------------------------------------------------------------------

MEASURES = """
select
    {{ smape('y', 'f') }} as smape,
    {{ mape('y', 'f') }} as mape,
    {{ mase('y', 'f', 'scale') }} as mase,
    {{ wape('y', 'f') }} as wape,
    {{ normal_quantile(0.95) }} as z95,
    {{ normal_quantile(0.98) }} as z98,
    {{ normal_quantile(0.01) }} as z01,
    {{ economic_order_quantity(1000, 10, 0.5) }} as lot
from series
"""
# ForecastX is called ForcX there. sMAPE (recalculated), MAPE, MASE over all 3,003 series: Hyndman's comparison in Mcomp
PUBLISHED = {
    "THETA": (12.76, 17.42, 1.39), "ForecastPro": (13.06, 18.00, 1.47),
    "ForcX": (13.09, 17.35, 1.42), "B-J auto": (13.72, 19.13, 1.54),
    "AutoBox2": (13.82, 18.23, 1.51), "AutoBox1": (15.20, 20.36, 1.69),
    "AutoBox3": (15.46, 19.31, 1.57),
}  # fmt: skip


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The project's macros as SQL over `series` (y, f, scale)."""
    run = dbt(
        "--log-format", "json", "compile", "--output", "json", "--inline", MEASURES,
        target=tmp_path_factory.mktemp("measures"),
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    [code] = [
        line["data"]["compiled"]
        for line in map(json.loads, run.stdout.splitlines())
        if "compiled" in line["data"]
    ]
    return code


def test_formulas_give_their_worked_values(measures: str) -> None:
    """Sold 10, 0, 5, 5; forecast 8, 1, 5, 10: errors 2, 1, 0, 5."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table series as from (values (10, 8, 2.0), (0, 1, 2.0), (5, 5, 2.0), (5, 10, 2.0))"
            " as worked (y, f, scale)"
        )
        [values] = connection.execute(measures).fetchall()
    smape = (200 * 2 / 18 + 200 + 0 + 200 * 5 / 15) / 4
    mape = (20 + 0 + 100) / 3  # the day without a sale has none
    assert values == pytest.approx(
        (smape, mape, (1 + 0.5 + 0 + 2.5) / 4, 8 / 20, 1.6448536270, 2.0537489106,
         -2.3263478740, 200), abs=1e-8
    )  # fmt: skip


@pytest.fixture(scope="module")
def m3(measures: str) -> duckdb.DuckDBPyConnection:
    if not M3.exists():
        pytest.skip(f"the series of the M3 competition are not at {M3}: not part of the project")
    connection = duckdb.connect()
    connection.execute(f"create view m3 as from '{M3}/m3.parquet'")
    connection.execute(f"create view entrants as from '{M3}/m3_forecasts.parquet'")
    return connection


def averaged(connection: duckdb.DuckDBPyConnection, measures: str, series: str) -> tuple:
    """Average per series first, then over series: the mean of each measure, and their number."""
    per_series = measures.replace("select", "select id,", 1) + " group by id"
    return connection.execute(
        f"with series as ({series}) select avg(smape), avg(mape), avg(mase), count(*)"
        f" from ({per_series})"
    ).fetchone()


SEASON = "case period when 'MONTHLY' then 12 when 'QUARTERLY' then 4 else 1 end"
PAST = f"""
    select id, avg(abs(y - before)) as scale
    from (
        select id, y, lag(y, cast({SEASON} as bigint)) over (partition by id order by t) as before
        from m3 where part = 'x'
    )
    group by id
"""
FUTURE = """
    select id, period, y, row_number() over (partition by id order by t) as h
    from m3 where part = 'xx'
"""


@pytest.mark.parametrize("method", PUBLISHED)
def test_errors_of_m3_are_those_published(
    method: str, m3: duckdb.DuckDBPyConnection, measures: str
) -> None:
    series = (
        f"select id, y, f, scale from ({FUTURE}) join entrants using (id, h)"
        f" join ({PAST}) using (id) where method = '{method}'"
    )
    *values, count = averaged(m3, measures, series)
    assert count == 3003
    assert values == pytest.approx(PUBLISHED[method], abs=0.006)


def test_seasonal_naive_on_the_monthly_series_of_m3(
    m3: duckdb.DuckDBPyConnection, measures: str
) -> None:
    last_year = """
        select id, y as f, 12 - row_number() over (partition by id order by t desc) + 1 as h
        from m3 where part = 'x' qualify row_number() over (partition by id order by t desc) <= 12
    """
    series = (
        f"select future.id, y, f, scale from ({FUTURE}) as future join ({last_year}) as last_year"
        " on future.id = last_year.id and (future.h - 1) % 12 + 1 = last_year.h"
        f" join ({PAST}) as past on future.id = past.id where period = 'MONTHLY'"
    )
    smape, _, mase, count = averaged(m3, measures, series)
    assert count == 1428
    assert (smape, mase) == pytest.approx((17.2338560, 1.1460825), abs=1e-6)
