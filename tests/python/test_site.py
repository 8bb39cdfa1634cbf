"""The site's tables: recomputed in Python, held against published figures and planted truth."""

from __future__ import annotations

import json
import math
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy import stats

from harness import oracle
from harness.compiled import Built, CompiledProject
from harness.oracle import site
from tests.python.conftest import Shop

pytestmark = pytest.mark.slow

GRAIN = ["period_grain", "period_start", "segment_type", "segment_value"]
TABLES = {
    "conversion_funnel": (
        [*GRAIN, "step_number"],
        ["sessions", "step_rate", "overall_rate"],
    ),
    "cart_abandonment_causes": (
        [*GRAIN, "cause"],
        ["carts", "share", "value", "recovered_carts", "recovered_value", "mature_carts",
         "mature_recovered_carts"],
    ),
    "experiment_segment_results": (
        ["experiment_id", "metric", "variant", "segment_type", "segment_value"],
        ["visitors", "conversions", "observations", "mean", "standard_error", "control_mean",
         "absolute_lift", "ci_low", "ci_high", "p_value", "always_valid_p_value", "comparisons",
         "srm_p_value", "excluded_visitors"],
    ),
}  # fmt: skip
EXPECTED = {
    "conversion_funnel": site.conversion_funnel,
    "cart_abandonment_causes": site.cart_abandonment_causes,
    "experiment_segment_results": site.experiment_results,
}


def tolerance(column: str) -> float:
    """Relative to the larger value (at least 1e-9 in all). METHODS.md, 4: the normal tail within
    9e-9 of itself."""
    return 1e-8 if column in ("p_value", "srm_p_value") else 1e-9


def differences(table: str, expected: pl.DataFrame, actual: pl.DataFrame) -> list[str]:
    """Null-safe; a row missing on either side is a difference."""
    keys, measures = TABLES[table]
    assert not actual.select(keys).is_duplicated().any()
    both = expected.with_columns(pl.lit(True).alias("here")).join(
        actual.with_columns(pl.lit(True).alias("there")),
        on=keys, how="full", coalesce=True, suffix="_actual",
    )  # fmt: skip
    found = []
    for row in both.iter_rows(named=True):
        place = ", ".join(str(row[key]) for key in keys)
        if not (row["here"] and row["there"]):
            found.append(f"{place}: {'missing' if row['here'] else 'not expected'}")
            continue
        for measure in measures:
            ours, theirs = row[measure], row[f"{measure}_actual"]
            if (ours is None) != (theirs is None):
                found.append(f"{place}: {measure} should be {ours} and is {theirs}")
                continue
            if ours is not None and measure in ("ci_low", "ci_high"):
                # Student's quantile scales the half-width, so its error is relative to that: beside
                # a bound near 0 the same error would look large
                ours, theirs = (abs(bound - row["absolute_lift"]) for bound in (ours, theirs))
            if ours is not None and not math.isclose(
                float(ours), float(theirs), rel_tol=tolerance(measure), abs_tol=1e-9
            ):
                found.append(f"{place}: {measure} should be {ours} and is {theirs}")
    return found


@pytest.fixture(scope="module")
def truth(demo: Shop) -> dict:
    return json.loads((demo.raw_dir / "planted_truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo_oracle(demo: Shop) -> oracle.Result:
    return oracle.compute(demo.raw_dir, kpis=["sessions"])


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_the_demo(table: str, demo: Shop, demo_oracle: oracle.Result) -> None:
    expected = EXPECTED[table](demo_oracle.shop)
    assert expected.height > 50
    assert differences(table, expected, demo.table(table)) == []


# ---- what the generator planted ------------------------------------------------------------------


def test_planted_causes_in_their_order_of_size(demo: Shop, truth: dict) -> None:
    carts = dict(demo.rows("select cause, count(*) from fct_carts where is_abandoned group by all"))
    planted = truth["cart"]["causes"]
    wanted = truth["cart"]["order_of_causes"]
    assert sorted(wanted, key=carts.get, reverse=True) == wanted
    for cause in ("payment_failure", "form_error", "few_delivery_options", "long_checkout",
                  "left_at_cart"):  # fmt: skip
        assert carts[cause] == planted[cause]["carts"], cause
    # a fee below the threshold of the cart's value is a visitor who left at that step
    fee = planted["delivery_fee_revealed"]["carts"]
    assert 0.95 * fee <= carts["delivery_fee_revealed"] <= fee
    # carts whose order does not count come on top
    assert sum(carts.values()) >= truth["cart"]["abandoned_with_planted_cause"]["value"]


def test_mobile_loses_most_at_the_planted_step(demo: Shop, truth: dict) -> None:
    rates = {
        (device, step): rate
        for device, step, rate in demo.rows(
            "select segment_value, step, sum(sessions)::double / sum(sessions + sessions_lost)"
            " from conversion_funnel where period_grain = 'year' and segment_type = 'device_type'"
            " and step_number > 1 group by all"
        )
    }
    gap = {step: rates["desktop", step] - rates["mobile", step] for step in site.STEPS[1:]}
    assert max(gap, key=gap.get) == truth["conversion"]["mobile_weak_step"]["value"]


def test_planted_experiments(demo: Shop, truth: dict) -> None:
    rows = demo.table("experiment_results")
    assert rows.height == 2 * 2 * 3
    for experiment, planted in truth["experiments"].items():
        rate = rows.filter(
            (pl.col("experiment_id") == experiment) & (pl.col("metric") == "conversion_rate")
        )
        visitors = dict(rate.select("variant", "visitors").iter_rows())
        assert visitors == {name: planted["visitors"][name] for name in ("control", "treatment")}
        assert set(rate["excluded_visitors"]) == {planted["visitors"]["in_both_variants"]}
        [treated] = rate.filter(pl.col("variant") == "treatment").to_dicts()
        lift = planted["expected_relative_lift"]["value"] * treated["control_mean"]
        assert treated["ci_low"] <= lift <= treated["ci_high"]
        broken = planted["planned_treatment_share"] != planted["actual_treatment_share"]
        assert treated["has_sample_ratio_mismatch"] == broken


# ---- published figures, from the SQL that ships --------------------------------------------------

SPLIT_EQUALLY = {"planned_split": None, "minimum_lift": 0.05}
DAY = "date '2025-03-03'"


def models(compiled: CompiledProject) -> dict[str, dict]:
    """The models of the project by name."""
    return {n["name"]: n for n in compiled.nodes.values() if n["resource_type"] == "model"}


def experiment_tables(
    compiled: CompiledProject, visitors: str, orders: str, built: tuple[str, ...]
) -> duckdb.DuckDBPyConnection:
    """The models of an experiment over visitors and orders given as queries."""
    connection = duckdb.connect()
    connection.execute("set threads = 2; attach ':memory:' as shop; use shop")
    connection.execute(f"create table int_experiment_visitors as {visitors}")
    connection.execute(f"create table int_experiment_orders as {orders}")
    connection.execute(f"create table int_as_of as select {DAY} + 40 as as_of")
    connection.execute(
        "create table experiments (experiment_id varchar, planned_split varchar,"
        " minimum_lift double, ended_on date)"
    )
    for model in built:
        connection.execute(f"create table {model} as {models(compiled)[model]['compiled_code']}")
    return connection


ALL_MODELS = (
    "int_experiment_looks", "int_experiment_adjusted", "int_experiment_splits",
    "int_experiment_tests", "experiment_results",
)  # fmt: skip
VISITOR = (
    "variant, {day} as assigned_on, {day} + 40 as last_on, 'mobile' as device_type,"
    " 'new' as visitor_type, false as is_excluded"
)


def people(experiment: str, **variants: int) -> str:
    """Visitors named <variant><number>, so many of each variant."""
    return " union all ".join(
        f"select '{experiment}' as experiment_id, concat('{name}', number) as visitor_id,"
        f" '{name}' as {VISITOR.format(day=DAY)} from range(1, {size} + 1) as t(number)"
        for name, size in variants.items()
    )


def purchases(experiment: str, variant: str, values: str, moment: str = "during") -> str:
    """One order for each row (number, value) of `values`, of the visitor of that number."""
    return (
        f"select '{experiment}' as experiment_id, concat('{variant}', number) as visitor_id,"
        f" concat('{variant}{moment}', number) as order_id, {DAY} + 1 as ordered_on,"
        f" cast(value as decimal(34, 12)) as net_sales, '{moment}' as moment from ({values})"
    )


def test_published_two_proportions(compiled: CompiledProject) -> None:
    """Udacity's course: 17489 of 145274 against 17264 of 145310 (METHODS.md, 4)."""
    shop = experiment_tables(
        compiled,
        people("X", control=145274, treatment=145310),
        " union all ".join(
            purchases(
                "X", variant, f"select number, 1 as value from range(1, {n} + 1) as t(number)"
            )
            for variant, n in (("control", 17489), ("treatment", 17264))
        ),
        ALL_MODELS,
    )
    [[statistic, p]] = shop.execute(
        "select statistic, p_value from experiment_results"
        " where metric = 'conversion_rate' and variant = 'treatment'"
    ).fetchall()
    assert statistic == pytest.approx(-1.3109241984234394, rel=1e-12)
    assert p == pytest.approx(0.18988337448195, rel=1e-12)
    assert 1 - p / 2 == pytest.approx(0.9050583127590245, rel=1e-12)


def test_published_welch(compiled: CompiledProject) -> None:
    """R's `sleep`: t = -1.8608, df = 17.776, p = 0.07939, interval -3.3654832 to 0.2054832."""
    sleep = {
        "treatment": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
        "control": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    }
    shop = experiment_tables(
        compiled,
        people("X", control=10, treatment=10),
        " union all ".join(
            purchases("X", variant, " union all ".join(
                f"select {i + 1} as number, {value} as value" for i, value in enumerate(values)
            )) for variant, values in sleep.items()
        ),
        ALL_MODELS,
    )  # fmt: skip
    [[t, degrees, p, low, high]] = shop.execute(
        "select statistic, degrees_of_freedom, p_value, ci_low, ci_high from experiment_results"
        " where metric = 'revenue_per_visitor' and variant = 'treatment'"
    ).fetchall()
    assert t == pytest.approx(-1.8608134675, abs=1e-10)
    assert degrees == pytest.approx(17.776473516, abs=1e-9)
    assert p == pytest.approx(0.0793941402, abs=2e-10)
    assert low == pytest.approx(-3.3654832, abs=5e-8)
    assert high == pytest.approx(0.2054832, abs=5e-8)


@pytest.mark.parametrize(
    ("control", "treatment", "p", "tolerance"),
    [
        (600, 400, 2.54e-10, 5e-13),
        (44000, 45000, 0.0008, 5e-5),
        (821588, 815482, 1.8218e-6, 5e-11),
    ],
)
def test_published_sample_ratios(
    control: int, treatment: int, p: float, tolerance: float, compiled: CompiledProject
) -> None:
    shop = experiment_tables(
        compiled,
        people("X", control=control, treatment=treatment),
        purchases("X", "control", "select 1 as number, 1 as value"),
        ("int_experiment_splits",),
    )
    [[found]] = shop.execute("select srm_p_value from int_experiment_splits").fetchall()
    assert found == pytest.approx(p, abs=tolerance)
    assert found == pytest.approx(stats.chisquare([control, treatment]).pvalue, rel=1e-8)


def test_chi_square_of_many_variants(compiled: CompiledProject) -> None:
    """Up to twelve degrees of freedom, near and far; and a plan that names what nobody saw."""
    generator = np.random.default_rng(5)
    sizes = {f"E{n}": generator.integers(90, 120, n) for n in range(2, 14)}
    # a chi-square above 50 is in the far part of the normal tail, a sum of its own
    sizes |= {f"F{n}": sizes[f"E{n}"] + 110 * (np.arange(n) == 0) for n in range(4, 14)}
    shop = experiment_tables(
        compiled,
        " union all ".join(
            people(name, **{f"v{i}": int(size) for i, size in enumerate(seen)})
            for name, seen in sizes.items()
        ),
        purchases("E2", "v0", "select 1 as number, 1 as value"),
        (),
    )
    shop.execute("""insert into experiments values
        ('E2', '{"v0": 0.4, "v1": 0.4, "v2": 0.2}', null, null),
        ('E3', '{"v0": 0.5, "v1": 0.5}', null, null)""")
    code = models(compiled)["int_experiment_splits"]
    found = dict(
        shop.execute(f"select experiment_id, srm_p_value from ({code['compiled_code']})").fetchall()
    )
    assert found["E3"] == 0
    seen = sizes["E2"]
    unseen = stats.chisquare([*seen, 0], np.array([0.4, 0.4, 0.2]) * seen.sum())
    assert found["E2"] == pytest.approx(unseen.pvalue, rel=1e-8)
    for name in sizes.keys() - {"E2", "E3"}:
        exact = stats.chisquare(sizes[name]).pvalue
        # of what is far no absolute difference is small
        assert found[name] == pytest.approx(exact, rel=1e-8, abs=0), name


def test_normal_and_student_against_scipy(compiled: CompiledProject) -> None:
    """The p-values of the tests over a grid of statistics and degrees of freedom."""
    grid = [(t, n) for t in (0.0, 1e-5, 0.01, 0.5, 1.0, 1.96, 3.0, 5.0, 8.0, 12.0, 30.0)
            for n in (1.5, 1.625, 2, 2.2, 2.5, 3, 4, 6, 11, 26, 51, 501, 100_000, 1e8)]  # fmt: skip
    looks = pl.DataFrame(
        [
            {
                "experiment_id": f"E{i}", "segment_type": "all", "segment_value": "all",
                "metric": "revenue_per_visitor", "variant": variant, "is_last": True,
                "observations": float(n), "mean": 10.0 + t * sign, "standard_error": 0.5**0.5,
            }
            for i, (t, n) in enumerate(grid)
            for variant, sign in (("control", 0.0), ("treatment", 1.0))
        ]
    )  # fmt: skip
    shop = experiment_tables(
        compiled,
        " union all ".join(people(f"E{i}", control=1, treatment=1) for i in range(len(grid))),
        purchases("E0", "control", "select 1 as number, 1 as value"),
        ("int_experiment_adjusted", "int_experiment_splits"),
    )
    shop.register("grid", looks)
    shop.execute(f"create table int_experiment_looks as select *, {DAY} as look_on from grid")
    code = models(compiled)["int_experiment_tests"]
    found = {
        row[0]: row[1:]
        for row in shop.execute(
            "select experiment_id, p_value, ci_high - absolute_lift"
            f" from ({code['compiled_code']}) where variant = 'treatment' and not is_adjusted"
        ).fetchall()
    }
    for i, (t, n) in enumerate(grid):
        degrees = 2 * (n - 1)
        p, half = found[f"E{i}"]
        exact = 2 * stats.t.sf(t, degrees)
        assert p == pytest.approx(exact, rel=1e-11, abs=0), (t, degrees)
        assert half == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-12), degrees


@pytest.mark.parametrize("correlation", [0.3, 0.6, 0.8])
def test_cuped_saves_the_squared_correlation(correlation: float, compiled: CompiledProject) -> None:
    """Theory: the variance falls to 1 - rho^2 (.91, .64, .36); and numpy's own adjustment."""
    generator, size = np.random.default_rng(11), 4000
    before = generator.normal(100, 20, 2 * size).round(4)
    noise = generator.normal(0, 20, 2 * size)
    after = correlation * before + np.sqrt(1 - correlation**2) * noise + 50
    after[size:] += 2
    after = after.round(4)
    connection = []
    for start, variant in ((0, "control"), (size, "treatment")):
        for moment, values in (("before", before), ("during", after)):
            rows = ", ".join(f"({i + 1}, {v:.4f})" for i, v in enumerate(values[start:][:size]))
            connection.append(
                purchases(
                    "X", variant, f"select * from (values {rows}) as v(number, value)", moment
                )
            )
    shop = experiment_tables(
        compiled, people("X", control=size, treatment=size), " union all ".join(connection),
        ALL_MODELS,
    )  # fmt: skip
    [[ratio, lift, low, high]] = shop.execute(
        "select cuped_variance_ratio, cuped_absolute_lift, cuped_ci_low, cuped_ci_high"
        " from experiment_results where metric = 'revenue_per_visitor' and variant = 'treatment'"
    ).fetchall()
    assert ratio == pytest.approx(1 - correlation**2, abs=0.03)
    theta = np.cov(after, before)[0, 1] / before.var(ddof=1)
    adjusted = after - theta * (before - before.mean())
    test = stats.ttest_ind(adjusted[size:], adjusted[:size], equal_var=False)
    interval = test.confidence_interval(0.95)
    assert lift == pytest.approx(adjusted[size:].mean() - adjusted[:size].mean(), rel=1e-9)
    assert (low, high) == pytest.approx((interval.low, interval.high), rel=1e-8)
    assert low <= 2 <= high


def test_only_the_always_valid_p_value_may_be_looked_at_every_day(
    compiled: CompiledProject,
) -> None:
    """200 experiments without any effect, looked at on each of 28 days."""
    generator, experiments, size = np.random.default_rng(3), 200, 400
    number = experiments * 2 * size
    visitors = pl.DataFrame(
        {
            "experiment_id": np.repeat([f"E{i}" for i in range(experiments)], 2 * size),
            "visitor_id": [f"V{i}" for i in range(number)],
            "variant": np.tile(np.repeat(["control", "treatment"], size), experiments),
            "day": generator.integers(0, 28, number),
            "value": generator.gamma(2, 20, number).round(4),
        }
    )
    shop = experiment_tables(
        compiled,
        people("none", control=1),
        purchases("none", "control", "select 1 as number, 1 as value"),
        (),
    )
    shop.register("trial", visitors)
    shop.execute(f"""
        create or replace table int_experiment_visitors as
        select experiment_id, visitor_id, {VISITOR.format(day=DAY + " + day::integer")}
        from trial;
        create or replace table int_experiment_orders as
        select experiment_id, visitor_id, visitor_id as order_id,
            {DAY} + day::integer as ordered_on, value::decimal(34, 12) as net_sales,
            'during' as moment
        from trial;
    """)
    for model in ALL_MODELS:
        shop.execute(f"create table {model} as {models(compiled)[model]['compiled_code']}")
    fixed, valid = shop.execute(
        "select count(*) filter (where p_value < 0.05),"
        " count(*) filter (where always_valid_p_value < 0.05) from experiment_results"
        " where metric = 'revenue_per_visitor' and variant = 'treatment'"
    ).fetchone()
    looks = {
        (experiment, day, variant): (mean, error)
        for experiment, day, variant, mean, error in shop.execute(
            "select experiment_id, look_on, variant, mean, standard_error from int_experiment_looks"
            " where segment_type = 'all' and metric = 'revenue_per_visitor'"
        ).fetchall()
    }
    peeked = {
        experiment
        for (experiment, day, variant), (mean, error) in looks.items()
        if variant == "treatment" and error and looks[experiment, day, "control"][1]
        and abs(mean - looks[experiment, day, "control"][0])
        > 1.96 * math.hypot(error, looks[experiment, day, "control"][1])
    }  # fmt: skip
    assert 2 <= fixed <= 20  # 5 %, within three standard deviations of 200 trials
    assert valid <= 10  # at most 5 %
    assert len(peeked) > 30  # what looking at a fixed p-value every day does


# ---- mistakes that the tables' own checks notice -------------------------------------------------

DEFECTS = {
    "an open funnel": (
        "conversion_funnel",
        {"int_sessions_funnelled": (
            "from reached_view_item as before",
            "from (select distinct session_id, timestamp '2000-01-01' as reached_at"
            " from session_events) as before",
        )},
    ),
    "an error that was overcome taken for a cause": (
        "cart_abandonment_causes",
        {"int_carts_explained": (
            "summarised.last_error_at >= summarised.last_step_at, true", "true"
        )},
    ),
    "a fee that was accepted taken for a cause": (
        "cart_abandonment_causes",
        {"int_carts_explained": (
            "not has_payment_info\n                and fee_shown > 0", "fee_shown > 0"
        )},
    ),
    "carts that come back on another device lost": (
        "cart_abandonment_causes",
        {"int_carts_recovered": ("carts.customer_id = orders_placed.customer_id", "false")},
    ),
    "visitors in two variants counted": (
        "experiment_segment_results",
        {"int_experiment_visitors": ("count(*) > 1 as is_excluded", "false as is_excluded")},
    ),
    "orders after the end counted": (
        "experiment_segment_results",
        {"int_experiment_visitors": ("coalesce(experiments.ended_on, as_of.as_of)", "as_of.as_of")},
    ),
    "pooled where it has to be unpooled": (
        "experiment_segment_results",
        {"int_experiment_tests": (
            "mean * (1 - mean) / nullif(observations, 0)",
            "pooled_rate * (1 - pooled_rate) / nullif(observations, 0)",
        )},
    ),
    "the last look in place of the least": (
        "experiment_segment_results",
        {"int_experiment_tests": (
            "min(one_over_lambda)", "max(one_over_lambda)"
        )},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def small_oracle(small_shop: Path) -> oracle.Result:
    return oracle.compute(small_shop, kpis=["sessions"])


def of_table(built: Built, table: str, small_oracle: oracle.Result) -> list[str]:
    actual = built.connection.sql(f"from {table}").pl()
    return differences(table, EXPECTED[table](small_oracle.shop), actual)


@pytest.fixture(scope="module")
def right(
    compiled: CompiledProject, small_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The warehouse of the small shop as the right SQL builds it."""
    warehouse = tmp_path_factory.mktemp("right") / "shop.duckdb"
    built = compiled.build(small_shop, warehouse=warehouse)
    assert built.failures == []
    built.connection.close()
    return warehouse


def test_no_difference_without_a_defect(
    compiled: CompiledProject, right: Path, tmp_path: Path, small_oracle: oracle.Result
) -> None:
    built = compiled.rebuild(right, tmp_path / "shop.duckdb", {})
    for table in TABLES:
        assert of_table(built, table, small_oracle) == [], table


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_tables_is_noticed(
    defect: str, compiled: CompiledProject, right: Path, tmp_path: Path, small_oracle: oracle.Result
) -> None:
    table, wrong = DEFECTS[defect]
    built = compiled.rebuild(right, tmp_path / "shop.duckdb", wrong)
    assert built.failures or of_table(built, table, small_oracle)
