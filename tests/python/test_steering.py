"""Steering: every table by another road, and that road itself by worked examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from math import exp, log
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from harness import oracle
from harness.compiled import ROOT
from harness.oracle import changes, steering
from harness.oracle.catalogue import Kpi
from harness.oracle.raw import MONEY_UNITS
from tests.python.conftest import REAL_SHOP, Shop
from tests.python.test_operations import differences

# ---- the warehouse against the oracle ------------------------------------------------------


@pytest.fixture(scope="module", params=["demo", "real_shop"])
def shop(request: pytest.FixtureRequest) -> tuple[Shop, oracle.Result]:
    built = request.getfixturevalue(request.param)
    return built, request.getfixturevalue(f"{request.param}_result")


def assert_same(wanted: pl.DataFrame, actual: pl.DataFrame, keys: list[str]) -> None:
    values = [name for name in wanted.columns if name not in keys]
    found = differences(wanted, actual, keys, values)
    assert found.is_empty(), found


def same_anomalies(wanted: pl.DataFrame, actual: pl.DataFrame) -> None:
    assert_same(wanted, actual, [*steering.SERIES, "period_start"])


def same_on(*keys: str) -> Callable[[pl.DataFrame, pl.DataFrame], None]:
    return lambda wanted, actual: assert_same(wanted, actual, list(keys))


TARGETS = steering.read_targets(ROOT / "seeds" / "kpi_targets.csv")
DRIVER = same_on(*changes.PERIOD, "driver")
# how each table is computed a second time, and held against it: tests/python/mutation.py too
RECOMPUTED = {
    "kpi_scorecard": (
        lambda result: steering.scorecard(result.kpi_values, result.as_of, TARGETS),
        same_on(*steering.KEYS),
    ),
    "kpi_projections": (
        lambda result: steering.projections(result.kpi_values, result.as_of, TARGETS),
        same_on(*steering.KEYS),
    ),
    "kpi_targets_review": (
        lambda result: steering.targets_review(result.kpi_values, result.as_of, TARGETS),
        same_on("target_id"),
    ),
    "revenue_drivers": (lambda result: changes.revenue_drivers(result.shop), DRIVER),
    "revenue_mix_effects": (lambda result: changes.revenue_mix_effects(result.shop), DRIVER),
    "kpi_anomalies": (
        lambda result: changes.anomalies(result.kpi_values, result.as_of),
        same_anomalies,
    ),
    "channel_scorecard": (
        lambda result: steering.channel_scorecard(result.kpi_values, result.as_of),
        same_on("period_start", "channel"),
    ),
}


def recomputed(table: str, shop: tuple[Shop, oracle.Result]) -> pl.DataFrame:
    """What the table has to say, once it is known to say so."""
    built, result = shop
    recompute, assert_equal = RECOMPUTED[table]
    wanted = recompute(result)
    assert_equal(wanted, built.table(table))
    return wanted


def test_scorecard_by_another_road(shop: tuple[Shop, oracle.Result]) -> None:
    wanted = recomputed("kpi_scorecard", shop)
    assert wanted.height > 20_000
    assert wanted["target_value"].count() > 0 or shop[0].raw_dir == REAL_SHOP


def test_projections_by_another_road(shop: tuple[Shop, oracle.Result]) -> None:
    wanted = recomputed("kpi_projections", shop)
    assert wanted.height > 500 and wanted["is_open"].any()


def test_review_of_targets_by_another_road(shop: tuple[Shop, oracle.Result]) -> None:
    assert recomputed("kpi_targets_review", shop).height == TARGETS.height > 0


@pytest.mark.parametrize(
    ("table", "least"), [("revenue_drivers", 10_000), ("revenue_mix_effects", 0)]
)
def test_drivers_by_another_road(table: str, least: int, shop: tuple[Shop, oracle.Result]) -> None:
    # the real shop has no sessions, and so no mix
    least = least if shop[1].shop.visits.is_empty() else 100_000
    assert recomputed(table, shop).height >= least


def test_anomalies_by_another_road(shop: tuple[Shop, oracle.Result]) -> None:
    wanted = recomputed("kpi_anomalies", shop)
    assert wanted.height > 10_000 and wanted["is_anomaly"].any()


def test_channel_scorecard_by_another_road(shop: tuple[Shop, oracle.Result]) -> None:
    assert recomputed("channel_scorecard", shop).height > 20


def test_contributions_add_up_to_the_change_in_net_sales(demo_result: oracle.Result) -> None:
    """Of `kpi_values`, which knows nothing of drivers."""
    drivers = changes.revenue_drivers(demo_result.shop)
    summed = drivers.group_by(changes.PERIOD).agg(pl.col("contribution").sum())
    segment = ["period_grain", "segment_type", "segment_value"]
    sales = demo_result.kpi_values.filter(pl.col("kpi") == "net_sales").select(
        *segment, "period_start", "value"
    )
    first = changes.first_day_of(demo_result.shop)
    compared = changes.compared_periods(first, demo_result.as_of)
    judged = (
        summed.join(compared, on=["period_grain", "period_start", "comparison"])
        .join(sales, on=[*segment, "period_start"], how="left")
        .join(sales.rename({"period_start": "then", "value": "previous"}),
              on=[*segment, "then"], how="left")
        .with_columns(pl.col("value", "previous").fill_null(0))
    )  # fmt: skip
    assert judged.height == summed.height > 20_000
    error = pl.col("contribution") - (pl.col("value") - pl.col("previous"))
    assert judged.select(error.abs().max()).item() < 1e-6


def test_mix_effects_add_up_to_the_change_in_sales_with_a_session(
    demo_result: oracle.Result,
) -> None:
    keys = ["period_grain", "period_start", "comparison"]
    drivers = changes.revenue_drivers(demo_result.shop).filter(
        pl.col("segment_type") == "all", pl.col("driver") != "orders_without_session"
    )
    wanted = drivers.group_by(keys).agg(pl.col("contribution").sum().alias("wanted"))
    mixed = changes.revenue_mix_effects(demo_result.shop)
    found = mixed.group_by(*keys, "segment_type").agg(pl.col("contribution").sum()).join(
        wanted, on=keys, how="left"
    )  # fmt: skip
    assert found.height > 2 * 700
    error = pl.col("contribution") - pl.col("wanted")
    assert found.select(error.abs().max()).item() < 1e-6
    shares = mixed.filter(pl.col("driver") == "mix").group_by(*keys, "segment_type").agg(
        pl.col("value", "previous_value").sum()
    )  # fmt: skip
    whole = shares.filter(pl.col("value") > 0, pl.col("previous_value") > 0)
    assert whole["value"].to_list() == pytest.approx([1] * whole.height)
    assert whole["previous_value"].to_list() == pytest.approx([1] * whole.height)


# ---- worked examples: calendar and values --------------------------------------------------

NO_TARGETS = pl.DataFrame(schema=steering.TARGETS)
COUNTS = {"orders": Kpi("sales", ("channel",)), "visitors": Kpi("conversion", ("channel",))}


def values_of(
    kpi: str,
    grain: str,
    values: Mapping[date, float | None],
    segment: tuple[str, str] = ("all", "all"),
) -> pl.DataFrame:
    """Rows as `kpi_values` has them."""
    rows = [(kpi, grain, day, steering.period_of(day, grain)[1], *segment, value)
            for day, value in values.items()]  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={"kpi": pl.String, "period_grain": pl.String, "period_start": pl.Date,
                "period_end": pl.Date, "segment_type": pl.String, "segment_value": pl.String,
                "value": pl.Float64},
        orient="row",
    )  # fmt: skip


def days_from(first: date, values: Iterable[float]) -> dict[date, float]:
    return {first + timedelta(days=number): value for number, value in enumerate(values)}


def targets_with(*given: dict) -> pl.DataFrame:
    """Targets that are SMART but for what is given."""
    smart = {
        "target_id": "sell_more", "kpi": "net_sales", "segment_type": "all",
        "segment_value": "all", "period_grain": "month", "statement": "Sell more every month",
        "baseline_value": 13.0, "target_value": 16.0, "why_achievable": "It was done in spring",
        "objective": "growth", "owner": "sales", "starts_on": date(2024, 7, 1),
        "ends_on": date(2024, 9, 30), "review_rhythm": "monthly",
    }  # fmt: skip
    return pl.DataFrame([smart | changed for changed in given], schema=steering.TARGETS)


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        ("day", date(2024, 2, 29), date(2024, 2, 29)),
        ("week", date(2024, 2, 26), date(2024, 3, 3)),
        ("month", date(2024, 2, 1), date(2024, 2, 29)),
        ("quarter", date(2024, 1, 1), date(2024, 3, 31)),
        ("year", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_the_periods_of_a_leap_day(grain: str, first: date, last: date) -> None:
    assert steering.period_of(date(2024, 2, 29), grain) == (first, last)


# ---- worked examples: projections ----------------------------------------------------------

WEEKDAYS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]  # Monday to Sunday: 28 a week
MONDAY, LEAP_DAY = date(2024, 1, 1), date(2024, 2, 29)  # the first and the 60th day


def projected(kpi_values: pl.DataFrame, as_of: date) -> dict[tuple[str, date], dict]:
    table = steering.projections(kpi_values, as_of, NO_TARGETS, COUNTS)
    return {(row["period_grain"], row["period_start"]): row for row in table.iter_rows(named=True)}


def with_sums(days: dict[date, float]) -> pl.DataFrame:
    """Orders of days, and their sums of every grain."""
    sums = {"day": days} | {grain: {} for grain in ("week", "month", "quarter", "year")}
    for grain in list(sums)[1:]:
        for day, value in days.items():
            start = steering.period_of(day, grain)[0]
            sums[grain][start] = sums[grain].get(start, 0) + value
    return pl.concat(values_of("orders", grain, values) for grain, values in sums.items())


def sixty_days() -> pl.DataFrame:
    return with_sums(days_from(MONDAY, (WEEKDAYS * 9)[:60]))


def test_sixty_days_projected_by_hand() -> None:
    found = projected(sixty_days(), LEAP_DAY)
    # Thursday: 10 are there, Friday to Sunday bring 18; the quarter is 13 weeks, the year 52 and 2
    expected = {
        ("week", date(2024, 2, 26)): (10, 28, 10 * 7 / 4),
        ("quarter", MONDAY): (234, 13 * 28, 234 * 91 / 60),
        ("year", MONDAY): (234, 52 * 28 + 1 + 2, 234 * 366 / 60),
    }
    assert {key for key, row in found.items() if row["is_open"]} == set(expected)
    names = ("value_so_far", "projected_value", "straight_line_value")
    for key, numbers in expected.items():
        assert [found[key][name] for name in names] == pytest.approx(numbers), key
        assert (found[key]["cut_on"], found[key]["actual_value"]) == (LEAP_DAY, None)


def test_past_periods_are_projected_from_their_first_half() -> None:
    found = projected(sixty_days(), LEAP_DAY)
    january, february = found["month", MONDAY], found["month", date(2024, 2, 1)]
    assert january["cut_on"] == date(2024, 1, 15)  # 31 days: 15 known
    assert january["value_so_far"] == 2 * 28 + 1
    assert january["projected_value"] == pytest.approx(4 * 28 + 1 + 2 + 3)
    assert january["straight_line_value"] == pytest.approx(57 * 31 / 15)
    assert january["actual_value"] == 4 * 28 + 1 + 2 + 3
    assert february["cut_on"] == date(2024, 2, 14) and not february["is_open"]
    # of the first week three days are known, less than a week: the straight line
    week = found["week", MONDAY]
    assert week["cut_on"] == date(2024, 1, 3)
    assert week["projected_value"] == week["straight_line_value"] == 6 * 7 / 3
    assert len([key for key in found if key[0] == "week"]) == 9


def test_only_six_weeks_count_and_a_day_without_row_is_zero() -> None:
    before = {day: 1000.0 for day in days_from(MONDAY, range(18))}  # older than 42 days
    days = days_from(MONDAY, (WEEKDAYS * 9)[:60]) | before
    friday = date(2024, 2, 16)
    del days[friday]
    table = projected(with_sums(days), LEAP_DAY)
    assert table["week", date(2024, 2, 26)]["projected_value"] == pytest.approx(28 - 5 / 6)


def test_distinct_people_of_a_week_are_fewer_than_its_days() -> None:
    days = days_from(MONDAY, [10.0] * 60)
    weeks = {date(2024, 2, 19): 35.0, date(2024, 2, 26): 30.0}
    known = values_of("visitors", "day", days)
    week = projected(pl.concat([known, values_of("visitors", "week", weeks)]), LEAP_DAY)
    assert week["week", date(2024, 2, 26)]["projected_value"] == pytest.approx(70 * 35 / 70)
    weeks[date(2024, 2, 26)] = 38.0  # never below what is there
    week = projected(pl.concat([known, values_of("visitors", "week", weeks)]), LEAP_DAY)
    assert week["week", date(2024, 2, 26)]["projected_value"] == 38
    # the first month has no complete one before it, the second has
    assert week["month", MONDAY]["projected_value"] == pytest.approx(310)


def test_a_season_of_four_times_counts_twice() -> None:
    """A year before the last six weeks 1 a day, a year before the 236th day 4, today 3."""
    days = steering.Days(days_from(MONDAY, [1.0] * 200 + [4.0] * 259 + [3.0] * 42),
                         MONDAY + timedelta(days=500))  # fmt: skip

    def day(number: int) -> float:
        cut = MONDAY + timedelta(days=500)
        until = days.to_come(cut, MONDAY + timedelta(days=number))
        return until - days.to_come(cut, MONDAY + timedelta(days=number - 1))

    assert day(501) == pytest.approx(3)
    assert day(600) == pytest.approx(3 * 2)
    # half of the 57 days around the 200th are at 4: (28 x 1 + 29 x 4) / 57
    assert day(564) == pytest.approx(3 * ((28 + 29 * 4) / 57) ** 0.5)
    # the last 57 days known: 15 at 4, 42 at 3; a day later they reach beyond the cut
    assert day(500 + 364 - 28) == pytest.approx(3 * ((15 * 4 + 42 * 3) / 57) ** 0.5)
    assert day(500 + 364 - 27) == pytest.approx(3)


# ---- worked examples: scorecard ------------------------------------------------------------


def test_gaps_comparisons_and_status() -> None:
    catalogue = COUNTS | {name: Kpi("x", ()) for name in ("conversion_rate", "nps", "ad_spend")}
    months = {date(2023, 3, 1): 100.0, date(2024, 2, 1): 80.0, date(2024, 3, 1): 90.0}
    known = pl.concat([
        values_of("orders", "month", months),
        values_of("orders", "day", {LEAP_DAY: 4.0, date(2023, 2, 28): 8.0}),
        values_of("conversion_rate", "month", months),
        values_of("ad_spend", "month", {date(2024, 2, 1): 110.0, date(2024, 4, 1): 1.0}),
    ])  # fmt: skip
    aim = {"starts_on": date(2024, 2, 1), "ends_on": date(2024, 3, 30), "target_value": 100.0}
    targets = targets_with(
        {"kpi": "orders"} | aim, {"kpi": "ad_spend"} | aim,
        {"kpi": "orders", "segment_type": "channel", "segment_value": "email"} | aim,
        {"kpi": "not registered"} | aim,
    )  # fmt: skip
    table = steering.scorecard(known, date(2024, 3, 31), targets, catalogue)
    rows = {
        tuple(row[name] for name in ("kpi", "period_grain", "period_start", "segment_value")): row
        for row in table.iter_rows(named=True)
    }
    assert len(rows) == table.height
    assert set(table["kpi"]) == set(catalogue)

    def row(kpi: str, start: date, grain: str = "month", segment: str = "all") -> dict:
        return rows[kpi, grain, start, segment]

    february, march = row("orders", date(2024, 2, 1)), row("orders", date(2024, 3, 1))
    assert row("orders", date(2023, 4, 1))["value"] == 0  # a gap of a count
    assert row("conversion_rate", date(2023, 4, 1))["value"] is None  # and of a ratio
    assert row("orders", date(2023, 4, 1))["change"] == -100
    assert row("orders", date(2023, 4, 1))["change_rate"] == -1
    assert row("orders", date(2023, 5, 1))["change_rate"] is None  # nothing divides by 0
    assert row("orders", date(2023, 3, 1))["previous_value"] is None  # before the first row
    assert march["change"] == 10 and march["change_rate"] == pytest.approx(1 / 8)
    assert march["year_on_year_change"] == -10
    assert march["year_on_year_change_rate"] == pytest.approx(-0.1)
    assert row("orders", LEAP_DAY, "day")["year_ago_value"] == 8  # of February 28
    # the target holds for whole months only: of March a day is missing
    assert february["target_value"] == 100 and march["target_value"] is None
    assert (february["attainment"], february["status"]) == (0.8, "off_track")
    spent = row("ad_spend", date(2024, 2, 1))  # less is better: 100 / 110
    assert spent["attainment"] == pytest.approx(100 / 110) and spent["status"] == "at_risk"
    assert march["status"] == "no_target" and march["projected_value"] is None
    assert march["is_complete_period"]
    assert row("nps", date(2024, 3, 1))["status"] == "no_data"
    assert table.filter(pl.col("kpi") == "nps").height == 5  # the last period of each grain
    email = row("orders", date(2024, 3, 1), segment="email")
    assert (email["value"], email["previous_value"]) == (0, None)
    assert ("ad_spend", "month", date(2024, 4, 1), "all") not in rows  # begins after as_of
    assert not row("orders", date(2024, 1, 1), "year")["is_complete_period"]


def test_an_open_period_is_judged_by_its_projection() -> None:
    aim = {"kpi": "orders", "period_grain": "week", "starts_on": date(2024, 2, 26),
           "ends_on": date(2024, 3, 3)}  # fmt: skip
    for target, status in ((28, "on_track"), (30, "at_risk"), (32, "off_track")):
        table = steering.scorecard(
            sixty_days(), LEAP_DAY, targets_with(aim | {"target_value": target}), COUNTS
        )
        [row] = table.filter(
            pl.col("kpi") == "orders", pl.col("period_start") == date(2024, 2, 26),
            pl.col("period_grain") == "week",
        ).iter_rows(named=True)  # fmt: skip
        assert (row["value"], row["status"]) == (10, status)
        assert row["projected_value"] == pytest.approx(28)
        assert row["attainment"] == pytest.approx(28 / target)


# ---- worked examples: SMART ----------------------------------------------------------------

MONTHS = {date(2024, month, 1): value
          for month, value in enumerate((10.0, 12.0, 11.0, 15.0, 14.0, 13.0), 1)}  # fmt: skip
LETTERS = ("specific", "measurable", "achievable", "relevant", "time_bound")


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({}, ()),
        ({"statement": "Sell more  monthly"}, ("specific",)),
        ({"segment_value": " "}, ("specific", "measurable", "achievable")),
        ({"segment_type": "warehouse"}, ("specific", "measurable", "achievable")),
        ({"kpi": "happiness"}, ("specific", "measurable", "achievable")),
        ({"segment_type": "channel", "segment_value": "fax"}, ("measurable", "achievable")),
        ({"baseline_value": None}, ("measurable", "achievable")),
        ({"baseline_value": None, "target_value": 15.0}, ("measurable",)),
        ({"why_achievable": ""}, ("achievable",)),
        ({"target_value": 18.0}, ()),  # 5 in three months: 10 to 15 from January to April
        ({"target_value": 18.1}, ("achievable",)),
        # one month: 4 at best, from March to April
        ({"target_value": 17.0, "ends_on": date(2024, 7, 31)}, ()),
        ({"target_value": 17.1, "ends_on": date(2024, 7, 31)}, ("achievable",)),
        ({"target_value": 17.0, "ends_on": date(2024, 7, 30)}, ()),  # no whole month is one
        ({"target_value": 15.0, "baseline_value": 1.0}, ()),  # was reached in April
        ({"target_value": 20.0, "baseline_value": 1.0}, ("achievable",)),  # July is not over
        ({"owner": None}, ("relevant",)),
        ({"objective": "  "}, ("relevant",)),
        ({"review_rhythm": "now and then"}, ("time_bound",)),
        ({"starts_on": None}, ("time_bound",)),
        ({"ends_on": date(2024, 7, 14)}, ("time_bound",)),
        ({"ends_on": date(2024, 7, 15), "target_value": 16.0}, ()),
    ],
)
def test_a_target_is_smart_letter_by_letter(changed: dict, missing: tuple[str, ...]) -> None:
    known = values_of("net_sales", "month", MONTHS | {date(2024, 7, 1): 99.0})
    [row] = steering.targets_review(
        known, date(2024, 7, 15), targets_with(changed)
    ).iter_rows(named=True)  # fmt: skip
    assert tuple(letter for letter in LETTERS if not row[f"is_{letter}"]) == missing
    assert row["is_smart"] is (not missing)


def test_where_less_is_better_the_best_move_goes_down() -> None:
    known = values_of("discount_rate", "month", MONTHS)
    given = {"kpi": "discount_rate", "baseline_value": 12.0, "ends_on": date(2024, 8, 31)}
    table = steering.targets_review(
        known, date(2024, 7, 15),
        targets_with(given | {"target_value": 10.0}, given | {"target_value": 9.9},
                     {"kpi": "discount_rate", "baseline_value": 9.0, "target_value": 8.0}),
    )  # fmt: skip
    # at best 2 less in two months, April to June; 10 was there in January
    assert table["is_achievable"].to_list() == [True, False, True]


# ---- worked examples: drivers --------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "wanted"),
    [
        # twice the visitors, half the orders of each, twice the basket: each moves it by 500
        ((200, 10, 1000), (100, 10, 500), (500, -500, 500)),
        ((100, 10, 500), (100, 10, 500), (0, 0, 0)),
        # sales as they were: the logarithmic mean is the value itself
        ((200, 10, 500), (100, 10, 500), (500 * log(2), -500 * log(2), 0)),
        # one side sold nothing: the first factor that is zero there takes it all
        ((100, 10, 500), (0, 0, 0), (500, 0, 0)),
        ((100, 10, 500), (100, 0, 0), (0, 500, 0)),
        ((100, 10, 500), (100, 10, 0), (0, 0, 500)),
        ((0, 0, 0), (100, 10, 500), (-500, 0, 0)),
        ((100, 0, 0), (200, 10, 500), (0, -500, 0)),
        ((100, 0, 0), (0, 0, 0), (0, 0, 0)),
        # orders without a visitor take the place of orders per visitor
        ((50, 4, 200), (0, 2, 100), (0, 100, 0)),
        ((0, 2, 400), (50, 4, 200), (0, -200, 400)),
        ((0, 0, 0), (0, 2, 100), (0, -100, 0)),
        ((100, 10, 500), (0, 2, 0), (0, 0, 500)),
        # total, segment: twice the traffic, of which it has half the share
        ((200, 50, 5, 100), (100, 50, 5, 100), (100 * log(2), -100 * log(2), 0, 0)),
        ((200, 50, 5, 100), (100, 0, 0, 0), (0, 100, 0, 0)),
        ((200, 50, 5, 100), (0, 0, 0, 0), (100, 0, 0, 0)),
        ((200, 50, 5, 100), (100, 0, 10, 200), (0, 0, -100, 0)),
    ],
)
def test_the_change_is_split_and_its_limits(
    now: tuple, before: tuple, wanted: tuple[float, ...]
) -> None:
    assert changes.split(now, before) == pytest.approx(wanted)


def test_contributions_of_any_change_add_up() -> None:
    draw = np.random.default_rng(7)
    for now, before in draw.integers(0, 4, (500, 2, 3)).tolist():
        for side in (now, before):
            side[2] *= side[1] > 0  # no sales without an order
        assert sum(changes.split(now, before)) == pytest.approx(now[2] - before[2], abs=1e-12)


def test_drivers_of_a_shop_of_three_days() -> None:
    """Day 1: two visitors, one order of 10; day 3: one visitor, two orders of 20, and one apart."""
    first, third = date(2024, 5, 6), date(2024, 5, 8)
    visits = pl.DataFrame(
        [("a", first, "email", "desktop"), ("b", first, "direct", None),
         ("b", first, "email", None), ("b", third, "direct", None)],
        schema=["visitor_id", "day", "channel", "device_type"], orient="row",
    )  # fmt: skip
    orders = pl.DataFrame(
        [("s1", first, "email", "desktop", 10), ("s4", third, "direct", "unknown", 20),
         ("s4", third, "direct", "unknown", 20), (None, third, "unknown", "unknown", 7)],
        schema=["visit_id", "day", "channel", "device_type", "net_sales"], orient="row",
    ).with_columns((pl.col("net_sales") * MONEY_UNITS).cast(pl.Int128))  # fmt: skip
    shop = SimpleNamespace(visits=visits, valid_orders=orders, as_of=third)
    table = changes.revenue_drivers(shop)
    # day 1 has none before it; the week and the month began before the shop
    assert set(table.select("period_grain", "period_start", "comparison").rows()) == {
        ("day", first + timedelta(days=1), "previous_period"), ("day", third, "previous_period"),
    }  # fmt: skip

    def lines(start: date, segment: str, of: pl.DataFrame = table) -> list[tuple]:
        part = of.filter(pl.col("period_start") == start, pl.col("segment_value") == segment)
        return part.select("driver", "value", "previous_value", "contribution").rows()

    second = first + timedelta(days=1)
    assert lines(second, "all") == [
        ("visitors", 0, 2, -10), ("orders_per_visitor", None, 0.5, 0),
        ("average_order_value", None, 10, 0), ("orders_without_session", 0, 0, 0),
    ]  # fmt: skip
    assert lines(third, "all") == [
        ("visitors", 1, 0, 40), ("orders_per_visitor", 2, None, 0),
        ("average_order_value", 20, None, 0), ("orders_without_session", 7, 0, 7),
    ]  # fmt: skip
    by_device = table.filter(pl.col("segment_type") == "device_type")
    assert [line[-1] for line in lines(third, "unknown", by_device)] == [40, 0, 0, 7]
    mix = changes.revenue_mix_effects(shop)
    email = mix.filter(pl.col("segment_type") == "channel")
    # b came by both channels: three visitors of channels, two of them by email
    assert lines(second, "email", email) == [
        ("visitors", 0, 3, -10), ("mix", None, 2 / 3, 0),
        ("orders_per_visitor", None, 0.5, 0), ("average_order_value", None, 10, 0),
    ]  # fmt: skip
    # orders without a session have no part in the mix
    assert lines(third, "unknown", email) == []


# ---- worked examples: anomalies ------------------------------------------------------------


def judged(changed: dict[int, float | None], kpi: str = "orders", length: int = 200) -> dict:
    """200 days from a Monday on, 100 times the weekday; some of them otherwise, or without row."""
    values = {number: 100.0 * WEEKDAYS[number % 7] for number in range(length)} | changed
    days = {MONDAY + timedelta(days=number): value
            for number, value in values.items() if value is not None}  # fmt: skip
    table = changes.anomalies(
        values_of(kpi, "day", days), MONDAY + timedelta(days=length - 1)
    )  # fmt: skip
    return {(row["period_start"] - MONDAY).days: row for row in table.iter_rows(named=True)}


def test_a_day_off_its_weekday_is_an_anomaly() -> None:
    rows = judged({150: 400 * 1.1, 160: 700 * 1.05, 170: 300 * 0.9})
    assert list(rows) == list(range(120, 200))  # from the 121st on
    unit = 1.4826 * 0.01  # nothing else moves: the smallest spread that is believed
    up = rows[150]
    assert up["is_anomaly"] and up["direction"] == "up"
    assert up["score"] == pytest.approx(log(1.1) / unit)
    assert up["expected_value"] == pytest.approx(400)
    assert up["lower"] == pytest.approx(400 * exp(-3.5 * unit))
    assert up["upper"] == pytest.approx(400 * exp(3.5 * unit))
    assert rows[170]["is_anomaly"] and rows[170]["direction"] == "down"
    assert rows[160]["score"] == pytest.approx(log(1.05) / unit) and log(1.05) / unit < 3.5
    assert [day for day, row in rows.items() if row["is_anomaly"]] == [150, 170]


def test_a_series_that_is_never_zero_has_stopped() -> None:
    rows = judged({day: None for day in range(190, 200)})
    # of the first day only: it is the one that comes after 56 days above zero
    assert [day for day, row in rows.items() if row["is_anomaly"]] == [190]
    assert max(rows) == 190
    stopped = rows[190]
    assert (stopped["value"], stopped["score"], stopped["direction"]) == (0, None, "down")
    assert stopped["expected_value"] == pytest.approx(200)


def test_a_ratio_without_a_value_is_no_zero() -> None:
    rows = judged({150: None, 151: 0.0}, kpi="conversion_rate")
    assert 150 not in rows
    assert 151 not in rows


def test_a_series_too_thin_is_not_scored() -> None:
    assert judged({day: None for day in range(0, 200, 6)}) == {}


def test_only_sums_and_counts_are_scored_by_segment() -> None:
    days = days_from(MONDAY, [5.0] * 130)
    rows = pl.concat(
        values_of(kpi, "day", days, segment)
        for kpi in ("orders", "conversion_rate")
        for segment in (("all", "all"), ("channel", "email"), ("zone", "islands"))
    )
    table = changes.anomalies(rows, MONDAY + timedelta(days=129))
    assert set(table.select("kpi", "segment_type").rows()) == {
        ("orders", "all"), ("orders", "channel"), ("conversion_rate", "all"),
    }  # fmt: skip


# ---- worked example: channels --------------------------------------------------------------


def test_a_channel_is_read_off_its_kpis() -> None:
    month = {date(2024, 2, 1): 7.0}
    known = pl.concat([
        values_of("ad_spend", "month", month, ("channel", "email")),
        values_of("new_customers", "month", month, ("acquisition_channel", "email")),
        values_of("new_customers", "month", month, ("channel", "direct")),
        values_of("orders", "month", month, ("channel", "direct")),
        values_of("orders", "month", {date(2024, 3, 1): 1.0}, ("channel", "direct")),
    ])  # fmt: skip
    rows = steering.channel_scorecard(known, LEAP_DAY).sort("channel")
    columns = ["channel", "ad_spend", "new_customers", "orders", "nps"]
    assert rows.select(columns).rows() == [
        ("direct", None, None, 7, None), ("email", 7, 7, None, None),
    ]  # fmt: skip
