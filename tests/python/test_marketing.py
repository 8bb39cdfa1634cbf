"""Attribution, cost of acquisition, halo: published figures, hand-made paths, planted truth, and
every table recomputed in Python by another road."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy import stats

from harness import oracle
from harness.compiled import ROOT, CompiledProject
from harness.oracle import attribution, marketing_tables
from tests.python.conftest import Shop

pytestmark = pytest.mark.slow

PATHS = ROOT.parent / "shared" / "data" / "attribution_paths"
PANEL = ROOT.parent / "shared" / "data" / "did" / "california_prop99.csv"
MODELS = marketing_tables.MODELS


def near(value: float | None, wanted: float | None, relative: float = 1e-9) -> bool:
    if value is None or wanted is None:
        return value is None and wanted is None
    return abs(float(value) - wanted) <= relative * max(1.0, abs(wanted))


# ---- hand-made and published paths, through the SQL that ships ---------------------------------


def run(compiled: CompiledProject, connection: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """Builds these models, over the tables that the connection already has."""
    for node in compiled.nodes.values():
        if node["resource_type"] == "model" and node["name"] in names:
            code = node["compiled_code"]
            connection.execute(f"create or replace table shop.main.{node['name']} as {code}")


def shop_of_paths(compiled: CompiledProject, paths: list[tuple]) -> duckdb.DuckDBPyConnection:
    """Paths of (channels, conversions, nulls, value): each is an order, touched a day apart."""
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop")
    steps, touches, orders = [], [], []
    start = datetime(2025, 1, 1)
    for number, (channels, conversions, nulls, value) in enumerate(paths):
        placed = start + timedelta(days=len(channels) - 1)
        orders.append((f"{number}", placed, placed.date(), "visitor", True))
        for i, channel in enumerate(channels):
            steps.append((f"{number}", i + 1, channel, conversions, nulls, value))
            touches.append((f"{number}", f"{number}-{i:03}", start + timedelta(days=i), channel))
    frames = {
        "int_channel_paths": pl.DataFrame(
            steps, orient="row", infer_schema_length=None,
            schema=["path_id", "position", "channel", "conversions", "nulls", "conversion_value"],
        ),
        "int_order_touches": pl.DataFrame(
            touches, orient="row", schema=["order_id", "session_id", "touch_at", "channel"]
        ).with_columns(utm_campaign=pl.lit(None, pl.String)),
        "fct_orders": pl.DataFrame(
            orders, orient="row",
            schema=["order_id", "ordered_at", "ordered_on", "visitor_id", "is_valid_order"],
        ),
    }  # fmt: skip
    for name, frame in frames.items():
        connection.register("given", frame)
        connection.execute(f"create table shop.main.{name} as from given")
        connection.unregister("given")
    run(compiled, connection, ["int_channel_chain"])
    run(compiled, connection, ["fct_order_touches", "markov_model"])
    return connection


def totals(connection: duckdb.DuckDBPyConnection, paths: list[tuple], model: str) -> Counter:
    found: Counter = Counter()
    for order_id, channel, weight in connection.execute(
        f"select order_id, channel, {model} from fct_order_touches"
    ).fetchall():
        found[channel] += weight * paths[int(order_id)][1]
    return found


def test_the_toy_chains(compiled: CompiledProject) -> None:
    """METHODS 2.2: C1>C2>C3 converts, C1 and C2>C3 do not; and g:2, m:1, g>m:1, g null:1."""
    three = [("C1", "C2", "C3"), 1, 0, 1.0], [("C1",), 0, 1, 0.0], [("C2", "C3"), 0, 1, 0.0]
    chain = shop_of_paths(compiled, [tuple(path) for path in three])
    rows = chain.sql("from int_channel_chain order by channel").pl()
    assert rows["start_conversion_chance"].to_list() == pytest.approx([1 / 3] * 3)
    assert rows["removal_effect"].to_list() == pytest.approx([0.5, 1, 1])
    assert rows["credit_share"].to_list() == pytest.approx([0.2, 0.4, 0.4])
    two = [(("g",), 2, 0, 2.0), (("m",), 1, 0, 1.0), (("g", "m"), 1, 0, 1.0), (("g",), 0, 1, 0.0)]
    rows = shop_of_paths(compiled, two).sql("from int_channel_chain order by channel").pl()
    assert rows["start_conversion_chance"].to_list() == pytest.approx([0.8, 0.8])
    assert rows["removal_effect"].to_list() == pytest.approx([0.75, 0.5])
    credited = shop_of_paths(compiled, two).execute(
        "select orders_credited from markov_model order by channel"
    )
    assert [row[0] for row in credited.fetchall()] == pytest.approx([2.4, 1.6])


def test_an_entire_loop_is_solved_and_one_without_orders_credits_nobody(
    compiled: CompiledProject,
) -> None:
    """A hundred touches of one channel are followed to the end; no order, no credit."""
    rows = shop_of_paths(compiled, [(("a",) * 100, 1, 0, 5.0), (("a", "b"), 0, 1, 0.0)]).execute(
        "select channel, removal_effect, residual, start_conversion_chance from int_channel_chain"
    )
    found = {channel: values for channel, *values in rows.fetchall()}
    assert found["a"][0] == pytest.approx(1, abs=1e-9)
    assert all(values[1] <= 1e-4 for values in found.values())
    lost = shop_of_paths(compiled, [(("a", "b"), 0, 1, 0.0)])
    assert lost.execute(
        "select distinct removal_effect, credit_share from int_channel_chain"
    ).fetchall() == [(0.0, 0.0)]
    assert lost.execute("select distinct data_driven from fct_order_touches").fetchall() == [(0.5,)]


@pytest.fixture(scope="module")
def path_data() -> list[tuple]:
    if not PATHS.exists():
        pytest.skip(f"the path data is not at {PATHS}: it is not part of the project")
    with (PATHS / "PathData.csv").open(encoding="utf-8") as lines:
        return [
            (
                tuple(row["path"].split(" > ")),
                int(float(row["total_conversions"])),
                int(float(row["total_null"])),
                float(row["total_conversion_value"]),
            )
            for row in csv.DictReader(lines)
        ]


def test_the_path_data_of_twelve_channels(compiled: CompiledProject, path_data: list) -> None:
    """First, last, linear, position based and Markov, as METHODS.md, 2.2 has them, to 1e-6."""
    shop = shop_of_paths(compiled, path_data)
    with (PATHS / "reference_all_models.csv").open(encoding="utf-8") as lines:
        reference = {row["channel_name"]: row for row in csv.DictReader(lines)}
    assert len(reference) == 12
    for model, column in (
        ("first_touch", "first_touch_conversions"),
        ("last_touch", "last_touch_conversions"),
        ("linear", "linear_touch_conversions"),
        ("position_based", "position_based_conversions"),
    ):
        found = totals(shop, path_data, model)
        for channel, row in reference.items():
            assert found[channel] == pytest.approx(float(row[column]), abs=1e-6), (model, channel)
    rows = shop.sql("from int_channel_chain join markov_model using (channel)").pl()
    assert rows["start_conversion_chance"][0] == pytest.approx(19785 / 88387, abs=1e-12)
    assert rows["residual"].max() < 1e-12
    credited = dict(rows.select("channel", "orders_credited").iter_rows())
    assert credited == pytest.approx(
        {name: float(row["markov1"]) for name, row in reference.items()}, abs=1e-6
    )
    # printed in METHODS.md, 2.2: conversions and value
    for channel, conversions, value in (
        ("alpha", 5344.947682, 18799.170626), ("iota", 3884.614702, 14978.437288),
        ("eta", 3340.847402, 12991.736667), ("mi", 1.722425, 5.444509),
    ):  # fmt: skip
        assert credited[channel] == pytest.approx(conversions, abs=1e-6)
        [worth] = rows.filter(pl.col("channel") == channel)["net_sales_credited"].to_list()
        assert worth == pytest.approx(value, abs=1e-5)


def test_the_chain_by_taking_channels_out(compiled: CompiledProject, path_data: list) -> None:
    """The removal effect is what its name says: without the channel, so much less converts."""
    moves: Counter = Counter()
    for channels, conversions, nulls, _ in path_data:
        for here, there in zip(("(start)", *channels), channels, strict=False):
            moves[here, there] += conversions + nulls
        moves[channels[-1], "won"] += conversions
        moves[channels[-1], "lost"] += nulls

    def converting(without: str | None) -> float:
        states = sorted({here for here, _ in moves})
        leaving = {s: sum(w for (h, _), w in moves.items() if h == s) for s in states}
        chance = dict.fromkeys(states, 0.0)
        for _ in range(400):
            chance = {
                s: sum(
                    w / leaving[s] * (1.0 if t == "won" else chance.get(t, 0.0))
                    for (h, t), w in moves.items()
                    if h == s and t != without
                )
                for s in states
            }
        return chance["(start)"]

    shop = shop_of_paths(compiled, path_data)
    effects = dict(shop.execute("select channel, removal_effect from markov_model").fetchall())
    everything = converting(None)
    for channel in ("alpha", "theta", "mi"):
        assert effects[channel] == pytest.approx(1 - converting(channel) / everything, abs=1e-9)


# ---- the demo shop against the recomputation ---------------------------------------------------


@pytest.fixture(scope="module")
def facts(demo: Shop) -> oracle.Shop:
    return oracle.compute(demo.raw_dir, kpis=["ad_spend"]).shop


@pytest.fixture(scope="module")
def touched(facts: oracle.Shop) -> pl.DataFrame:
    return marketing_tables.touches(facts)


@pytest.fixture(scope="module")
def credits(facts: oracle.Shop, touched: pl.DataFrame) -> dict:
    return marketing_tables.attribution(facts, touched)


def same_touches(touched: pl.DataFrame, table: pl.DataFrame) -> None:
    keys = ["order_id", "session_id"]
    actual, wanted = table.sort(keys), touched.sort(keys)
    same = [*keys, "touch_at", "channel", "position", "touches"]
    assert actual.select(same).rows() == wanted.select(same).rows()
    for model in MODELS:
        assert np.abs((actual[model] - wanted[model]).to_numpy()).max() <= 1e-9, model


def same_credits(credits: dict, table: pl.DataFrame) -> None:
    keys = ["model", "period_grain", "period_start", "channel"]
    values = ["orders", "net_sales", "new_customers", "cost", "roas"]
    actual = {row[:4]: row[4:] for row in table.select(*keys, *values).rows()}
    assert len(actual) == table.height
    assert actual.keys() == credits.keys()
    for key, (orders, net_sales, newcomers, cost) in credits.items():
        roas = net_sales / cost if cost else None
        wanted = (orders, net_sales, newcomers, cost, roas)
        assert all(near(*pair) for pair in zip(actual[key], wanted, strict=True)), key


def same_chain(effects: dict[str, float], table: pl.DataFrame) -> None:
    actual = dict(table.select("channel", "removal_effect").rows())
    assert actual == pytest.approx(effects, abs=1e-9)
    assert not effects or table["credit_share"].sum() == pytest.approx(1)


def performance(facts: oracle.Shop, credits: dict) -> tuple:
    slopes = marketing_tables.marginal_returns(credits, facts.as_of)
    return marketing_tables.paybacks(facts), slopes, facts.as_of


def same_performance(wanted: tuple, table: pl.DataFrame) -> None:
    paybacks, slopes, as_of = wanted
    rows = table.select(
        "period_grain", "period_start", "channel", "payback_days", "payback_observed_days",
        "marginal_roas", "marginal_roas_low", "marginal_roas_high",
    ).rows()  # fmt: skip
    actual = {tuple(row[:3]): tuple(row[3:5]) for row in rows if row[4] is not None}
    assert actual == paybacks
    weekly = {(row[2], row[1]): row[5:8] for row in rows if row[0] == "week"}
    for key, values in weekly.items():
        if key[1] + timedelta(days=6) > as_of:
            continue
        given = slopes.get(key, (None, None, None))
        assert all(near(*pair) for pair in zip(values, given, strict=True)), key


def same_halo(wanted: dict, table: pl.DataFrame) -> None:
    rows = table.select(
        "campaign_id", "attributed_orders", "attributed_net_sales", "attributed_direct_net_sales",
        "attributed_halo_net_sales", "new_customers", "post_campaign_value_90d",
    ).rows()  # fmt: skip
    names = ("orders", "net_sales", "direct", "halo", "new_customers", "value_90d")
    assert set(wanted) == {row[0] for row in rows if row[1]}
    for campaign, *values in rows:
        if campaign in wanted:
            expected = [wanted[campaign][name] for name in names]
            assert all(near(*pair) for pair in zip(values, expected, strict=True)), campaign


def test_every_touch_and_weight(demo: Shop, touched: pl.DataFrame) -> None:
    same_touches(touched, demo.table("order_touches"))


def test_every_channel_of_every_model_and_period(demo: Shop, credits: dict) -> None:
    same_credits(credits, demo.table("channel_attribution"))


def test_the_chain_of_the_shop(demo: Shop, facts: oracle.Shop) -> None:
    same_chain(attribution.channel_effects(facts), demo.table("markov_model"))


def test_paybacks_and_marginal_returns(demo: Shop, facts: oracle.Shop, credits: dict) -> None:
    wanted = performance(facts, credits)
    assert {days for days, _ in wanted[0].values()} > {None, 0}
    assert len(wanted[1]) > 100
    same_performance(wanted, demo.table("channel_performance"))


def test_the_halo_of_every_campaign(demo: Shop, facts: oracle.Shop, touched: pl.DataFrame) -> None:
    same_halo(marketing_tables.halo(facts, touched), demo.table("campaign_halo"))
    assert demo.rows("select count(incremental_net_sales) from campaign_halo") == [(0,)]


# ---- planted truth -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def truth(demo: Shop) -> dict:
    return json.loads((demo.raw_dir / "planted_truth.json").read_text(encoding="utf-8"))


def test_the_chain_ranks_channels_better_than_the_last_click(demo: Shop, truth: dict) -> None:
    """Of channels that truly differ by a quarter or more, the data-driven model ranks every pair
    right that last click does, and openers above closers that last click has upside down."""
    planted = {
        row["channel"]: row["expected_first_orders"]
        for row in truth["channels"]["contribution"]
        if row["expected_first_orders"] >= 30
    }
    found: dict[str, dict] = defaultdict(dict)
    for model, channel, newcomers in demo.rows(
        "select model, channel, sum(new_customers) from channel_attribution"
        " where period_grain = 'year' group by all"
    ):
        found[model][channel] = newcomers
    pairs = [(a, b) for a in planted for b in planted if planted[a] > 1.25 * planted[b]]

    def right(model: str) -> set:
        return {(a, b) for a, b in pairs if found[model][a] > found[model][b]}

    chain, last = right("data_driven"), right("last_non_direct")
    assert chain > last
    openers = set(truth["channels"]["openers"])
    assert {a for a, _ in chain - last} & openers and len(chain - last) >= 3
    ranks = [planted[channel] for channel in planted]

    def agreement(model: str) -> float:
        return stats.spearmanr(ranks, [found[model][channel] for channel in planted])[0]

    assert agreement("data_driven") > agreement("last_non_direct")


def test_sessions_are_tied_to_the_campaign_that_paid_for_them(demo: Shop, truth: dict) -> None:
    found = dict(
        demo.rows(
            "select campaign_id, count(*) from int_sessions_identified as sessions"
            " join int_tags_campaigned as tags on sessions.source = tags.source"
            " and sessions.medium = tags.medium and sessions.channel = tags.channel"
            " and sessions.utm_campaign is not distinct from tags.utm_campaign group by all"
        )
    )
    planted = {
        name: row["sessions"] for name, row in truth["ad_spend"]["campaigns"].items()
        if row["sessions"]
    }  # fmt: skip
    assert found == planted


def test_spend_without_any_order_stays(demo: Shop, truth: dict) -> None:
    spending = set(truth["ad_spend"]["channels_with_spend"])
    rows = demo.rows(
        "select channel, sum(cost), sum(new_customers), count(cac) from channel_performance"
        " where period_grain = 'year' group by all having sum(cost) > 0"
    )
    assert {row[0] for row in rows} == spending
    barren = [row for row in rows if row[2] == 0]
    assert barren and all(row[1] > 0 and row[3] == 0 for row in barren)
    [[kept]] = demo.rows(
        "select count(*) from kpi_values where kpi = 'customer_acquisition_cost'"
        f" and segment_value = '{barren[0][0]}' and period_grain = 'year' and value is null"
        " and numerator > 0"
    )
    assert kept == 2


def test_paid_cost_of_acquisition_by_hand(compiled: CompiledProject) -> None:
    """display has spend in FR and a new customer in DE, who counts as paid ("anywhere"); email's
    spend is 0 and direct has none, so their customers do not; audio spends on nobody."""
    day = date(2024, 1, 5)
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop")
    spend = [("display", "FR", 100.0, 1000, None), ("email", "FR", 0.0, None, 2),
             ("audio", "unknown", 30.0, None, None)]  # fmt: skip
    people = [("display", "DE", 20.0), ("email", "FR", 5.0), ("direct", None, None)]
    frames = {
        "fct_ad_spend": pl.DataFrame(
            spend, orient="row", schema=["channel", "country_code", "cost", "impressions", "clicks"]
        ).with_columns(spend_date=day, platform=pl.lit("p"), platform_conversion_value=1.0),
        "fct_customer_lifetimes": pl.DataFrame(
            people,
            orient="row",
            schema=["acquisition_channel", "country_code", "gross_margin_365d"],
        ).with_columns(
            first_order_on=day, is_mature_90d=True, is_mature_365d=True, gross_margin_90d=1.0
        ),
        "int_as_of": pl.DataFrame({"as_of": [date(2025, 1, 30)]}),
    }
    for name, frame in frames.items():
        connection.register("given", frame)
        connection.execute(f"create table shop.main.{name} as from given")
        connection.unregister("given")
    connection.execute(
        "create table shop.main.fct_orders (ordered_on date, channel varchar, country_code varchar,"
        " acquisition_channel varchar, is_valid_order boolean);"
        "create table shop.main.fct_sales_entries (entry_type varchar, booked_on date,"
        " channel varchar, acquisition_channel varchar, country_code varchar, net_revenue double)"
    )
    run(compiled, connection, ["rollup_marketing"])

    def found(segment_type: str, segment: str) -> tuple:
        [row] = connection.execute(
            "select cost, new_customers, paid_new_customers, new_customers_gross_margin_365d,"
            " is_mature_period_365d from rollup_marketing where period_grain = 'month'"
            f" and segment_type = '{segment_type}' and segment_value = '{segment}'"
        ).fetchall()
        return row

    assert found("all", "all") == (130, 3, 1, 25, True)
    assert found("country_code", "DE") == (0, 1, 1, 20, True)
    assert found("country_code", "FR") == (100, 1, 0, 5, True)
    assert found("acquisition_channel", "audio") == (30, 0, 0, None, True)
    assert found("acquisition_cohort", "2024-01") == (130, 3, 1, 25, True)


# ---- incrementality ----------------------------------------------------------------------------


def controlled(
    compiled: CompiledProject, frames: dict[str, pl.DataFrame]
) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as shop; use shop")
    empty = {
        "stg_experiment_assignments": "experiment_id varchar, visitor_id varchar, variant varchar,"
        " assigned_at timestamp, assigned_on date",
        "fct_ad_spend": "campaign_id varchar, spend_date date, country_code varchar, cost double",
    }
    for name, columns in empty.items():
        if name not in frames:
            connection.execute(f"create table shop.main.{name} ({columns})")
    for name, frame in frames.items():
        connection.register("given", frame)
        connection.execute(f"create table shop.main.{name} as from given")
        connection.unregister("given")
    run(compiled, connection, ["campaign_incrementality"])
    return connection


def design(method: str, start: date, stop: date, before: date | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "campaign_id": ["C"], "method": [method], "experiment_id": ["X"],
            "before_started_on": [before], "started_on": [start], "ended_on": [stop],
        },
        schema_overrides={"before_started_on": pl.Date},
    )  # fmt: skip


def regional(compiled: CompiledProject, panel: dict[tuple[str, date], float], treated: set,
             before: date, start: date, stop: date) -> dict:  # fmt: skip
    orders = [(c, d, v, True, "v", datetime(1970, 1, 1)) for (c, d), v in panel.items()]
    spend = [("C", d, c, 1.0) for c, d in panel if c in treated and d >= start]
    connection = controlled(
        compiled,
        {
            "campaign_controls": design("regions", start, stop, before),
            "fct_orders": pl.DataFrame(
                orders, orient="row",
                schema=["country_code", "ordered_on", "net_sales", "is_valid_order",
                        "visitor_id", "ordered_at"],
            ),
            "fct_ad_spend": pl.DataFrame(
                spend, orient="row", schema=["campaign_id", "spend_date", "country_code", "cost"]
            ),
        },
    )  # fmt: skip
    return connection.sql("from campaign_incrementality").pl().row(0, named=True)


def test_difference_in_differences_as_published(compiled: CompiledProject) -> None:
    """California's Proposition 99: -27.349 packs a head and year (Arkhangelsky et al. 2021). The
    placebo fails: California had fallen faster before, so no effect is claimed."""
    if not PANEL.exists():
        pytest.skip(f"the panel is not at {PANEL}: it is not part of the project")
    with PANEL.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter=";" if ";" in PANEL.read_text()[:60] else ","))
    # a year of the panel is a day of the shop
    origin = date(2025, 1, 1)
    panel = {
        (row["State"], origin + timedelta(days=int(row["Year"]) - 1970)):
            float(row["PacksPerCapita"])
        for row in rows
    }  # fmt: skip
    first = next(row for row in rows if row["treated"] == "1")
    start = origin + timedelta(days=int(first["Year"]) - 1970)
    result = regional(compiled, panel, {"California"}, origin, start, max(d for _, d in panel))
    assert result["difference"] == pytest.approx(-27.34911, abs=1e-5)
    assert result["control_units"] == 38


def test_regions_by_hand_and_the_placebo(compiled: CompiledProject) -> None:
    """Two treated countries gain 5 a day over ten days more than four without the campaign."""
    origin, start, stop = date(2025, 1, 1), date(2025, 1, 11), date(2025, 1, 20)
    rise = {"A": 6.0, "B": 8.0, "K": 1.0, "L": 2.0, "M": 3.0, "N": 2.0}
    panel = {
        (country, origin + timedelta(days=day)): 100.0 + (gain if day >= 10 else 0.0)
        for country, gain in rise.items()
        for day in range(20)
    }
    result = regional(compiled, panel, {"A", "B"}, origin, start, stop)
    error = np.std([1, 2, 3, 2], ddof=1) * np.sqrt(1 / 2 + 1 / 4)
    half = stats.t.ppf(0.975, 3) * error * 20
    assert result["incremental_net_sales"] == pytest.approx((7 - 2) * 2 * 10)
    assert result["incremental_ci_high"] - 100 == pytest.approx(half, rel=1e-9)
    assert result["is_claimed"] and not result["is_placebo_failed"]
    for day in range(5, 10):  # A and B rose before the campaign began
        panel["A", origin + timedelta(days=day)] += 30.0
        panel["B", origin + timedelta(days=day)] += 30.0
    result = regional(compiled, panel, {"A", "B"}, origin, start, stop)
    assert result["is_placebo_failed"] and not result["is_claimed"]
    few = {key: value for key, value in panel.items() if key[0] in "AKL"}
    assert not regional(compiled, few, {"A"}, origin, start, stop)["is_claimed"]


def test_a_hold_out_is_welch(compiled: CompiledProject) -> None:
    rng = np.random.default_rng(3)
    moment = datetime(2025, 3, 1, 12)
    bought = {
        "treated": np.where(rng.random(400) < 0.3, rng.gamma(2, 30, 400), 0).round(2),
        "control": np.where(rng.random(90) < 0.2, rng.gamma(2, 30, 90), 0).round(2),
    }
    assigned, orders = [], []
    for variant, values in bought.items():
        for i, value in enumerate(values):
            visitor = f"{variant}{i}"
            assigned.append(("X", visitor, variant, moment, moment.date()))
            if value:
                orders.append((visitor, moment + timedelta(days=2), float(value), True))
                # before the assignment, and after the end: neither counts
                orders.append((visitor, moment - timedelta(days=2), 1000.0, True))
                orders.append((visitor, moment + timedelta(days=80), 1000.0, True))
    assigned.append(("X", "treated0", "control", moment, moment.date()))  # seen in both
    frames = {
        "campaign_controls": design("holdout", date(2025, 3, 1), date(2025, 3, 31)),
        "stg_experiment_assignments": pl.DataFrame(
            assigned, orient="row",
            schema=["experiment_id", "visitor_id", "variant", "assigned_at", "assigned_on"],
        ),
        "fct_orders": pl.DataFrame(
            orders, orient="row",
            schema=["visitor_id", "ordered_at", "net_sales", "is_valid_order"],
        ).with_columns(pl.col("ordered_at").dt.date().alias("ordered_on"), country_code=None),
    }  # fmt: skip
    found = controlled(compiled, frames).sql("from campaign_incrementality").pl()
    [result] = found.iter_rows(named=True)
    treated, control = bought["treated"][1:], bought["control"]
    wanted = stats.ttest_ind(treated, control, equal_var=False).confidence_interval(0.95)
    assert result["treated_units"] == 399
    assert result["difference"] == pytest.approx(treated.mean() - control.mean())
    assert result["incremental_ci_low"] == pytest.approx(wanted.low * 399, rel=1e-6)
    assert result["incremental_ci_high"] == pytest.approx(wanted.high * 399, rel=1e-6)


def test_the_weights_of_an_order_by_hand() -> None:
    """The recomputation's own rules, held against figures worked out by hand."""
    by_model = marketing_tables.weights(
        ["email", "direct", "display", "direct"], [14, 7, 7, 0], {"email": 0.2, "display": 0.3}
    )
    assert by_model["last_non_direct"] == [0, 0, 1, 0]
    assert by_model["position_based"] == pytest.approx([0.4, 0.1, 0.1, 0.4])
    assert by_model["time_decay"] == pytest.approx([1 / 9, 2 / 9, 2 / 9, 4 / 9])
    assert by_model["data_driven"] == pytest.approx([0.4, 0, 0.6, 0])
