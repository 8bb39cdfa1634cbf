"""The dashboard, opened by real headless Chromium, and every number on it looked up again.

The look-ups below are written apart from harness/dashboard/queries.sql: plain reads of whole marts,
with the calendar and the changes worked out in Python.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from unicodedata import normalize

import duckdb
import pypdf
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from harness import dashboard
from harness.compiled import ROOT
from tests.python import dashboard_lookups

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = "axe-core@4.14.1"
TABS = list(dashboard.layout.TABS)
# the description and the data sets
Embedded = tuple[dict, dict[str, list[dict]]]


# ---- the page, built once


@pytest.fixture(scope="session")
def published(published_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(published_demo / "shop.duckdb", tmp_path_factory.mktemp("published")))


def build(published: Path, to: Path) -> Path:
    assert dashboard.main(["--published", str(published), "--to", str(to)]) == 0
    return to


@pytest.fixture(scope="session")
def built(published: Path) -> Path:
    return build(published, published.with_name("dashboard.html"))


@pytest.fixture(scope="session")
def embedded(built: Path) -> Embedded:
    """What the page carries: its description, and its data sets as rows."""
    html = built.read_text(encoding="utf-8")
    page, data = (
        re.search(rf'id="{name}">(.*?)</script>', html, re.DOTALL)[1] for name in ("page", "data")
    )
    sets = json.loads(gzip.decompress(base64.b64decode(data)))
    return json.loads(page), {
        name: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for name, columns in sets.items()
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "chromium is not installed"
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, built: Path) -> Iterator[Callable[..., Page]]:
    """Opens an address of the page off-line; at the end nothing may have been said or asked for."""
    contexts, complaints = [], []

    def go(
        address: str = "executive", file: Path = built, width: int = 1280, **more: object
    ) -> Page:
        context = browser.new_context(
            offline=True, locale="en-GB", viewport={"width": width, "height": 900}, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                complaints.append(request.url)
                if not request.url.startswith(("file:", "data:"))
                else None
            ),
        )
        page.goto(f"{file.as_uri()}#{address}")
        if more.get("java_script_enabled", True):
            drawn(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def drawn(page: Page) -> None:
    page.wait_for_function(
        "document.getElementById('app').dataset.drawn === (location.hash || '#')"
    )


def move(page: Page, address: str) -> None:
    page.evaluate("address => { location.hash = address }", address)
    drawn(page)


# ---- 1. in the browser


def test_every_chart_of_every_tab_has_marks(opened: Callable[..., Page]) -> None:
    page = opened()
    for language in ("en", "fr"):
        for tab in TABS:
            move(page, f"{tab}?lang={language}")
            bare = page.evaluate("""() => [...document.querySelectorAll(".vega, .spark")].filter(
                (one) => one.childElementCount && ![...one.querySelectorAll(
                    "svg .role-mark :is(path, rect, line, text)")].some((mark) => {
                        const box = mark.getBBox();
                        return box.width + box.height > 0;
                    })
            ).map((one) => JSON.stringify(one.closest("figure, article").dataset))""")
            assert bare == [], f"{tab} ({language}): without marks"
            assert page.locator(".vega:empty").count() == 0
            assert page.locator("p.empty").count() == 0, f"{tab}: the demo shop has data for all"
            assert not re.search(
                r"\b(null|undefined|NaN|Infinity)\b|@\w", page.locator("main").inner_text()
            )


def test_filters_change_what_they_should_and_stand_in_the_address(
    opened: Callable[..., Page],
) -> None:
    page = opened("conversion")
    tiles, trend = page.locator(".tiles"), page.locator("[data-figure=trend_level]")

    def where(figure: str) -> dict:
        return json.loads(page.locator(f"[data-figure={figure}]").first.get_attribute("data-where"))

    seen = [tiles.inner_text()]
    for control, value, mentions in [
        ("channel", "channel:email", "segment=channel%3Aemail"),
        ("device_type", "device_type:mobile", "segment=device_type%3Amobile"),
        ("country_code", "country_code:FR", "segment=country_code%3AFR"),
        ("period", "month 2025-11-01", "period=month+2025-11-01"),
        ("comparison", "year_ago", "comparison=year_ago"),
        ("grain", "quarter", "period=quarter"),
    ]:
        page.select_option(f"#pick-{control}", value)
        drawn(page)
        assert mentions in page.url
        assert tiles.inner_text() not in seen, f"{control} changed nothing"
        seen.append(tiles.inner_text())
    # one segment at a time: the last one chosen
    assert page.input_value("#pick-channel") == "all"
    assert where("funnel")["segment_value"] == where("trend_level")["segment_value"] == "FR"
    assert where("funnel_by_device") == {
        "period": where("funnel")["period"],
        "segment_type": "device_type",
    }
    page.click("#reset")
    drawn(page)
    assert where("trend_level")["segment_value"] == "all"
    # the KPI in focus, and what it is split by
    page.click("#tile-cart_abandonment_rate")
    drawn(page)
    assert "Cart abandonment rate" in trend.inner_text()
    assert page.evaluate("document.activeElement.id") == "tile-cart_abandonment_rate"
    page.select_option("#pick-by", "customer_type")
    drawn(page)
    assert where("breakdown_level")["segment_type"] == "customer_type"
    # what is not cut by a filter says so, and shows all of the shop
    move(page, "operations?segment=device_type%3Amobile")
    assert (
        page.locator(".tile .scope").first.inner_text() == "All of the shop: not cut by this filter"
    )


def test_addresses_restore_the_view(opened: Callable[..., Page]) -> None:
    page = opened()
    page.click("#tab-products")
    drawn(page)
    page.select_option("#pick-channel", "channel:email")
    page.select_option("#pick-grain", "quarter")
    page.click("#tile-stockout_rate")
    page.click("#language")
    page.click("#theme")
    drawn(page)
    again = opened(page.url.split("#")[1])
    assert again.locator("body").inner_text() == page.locator("body").inner_text()
    assert again.evaluate("document.documentElement.lang") == "fr"
    assert again.evaluate("document.documentElement.dataset.theme") == "dark"
    page.go_back()
    drawn(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    # an address that means nothing is the first view
    assert (
        opened("nowhere?segment=channel:none&period=day%202020-01-01&lang=xx")
        .title()
        .startswith("Executive")
    )


def test_keys_move_between_tabs(opened: Callable[..., Page]) -> None:
    page = opened()
    page.focus("#tab-executive")
    for key, tab in [
        ("ArrowRight", "acquisition"),
        ("End", "definitions"),
        ("ArrowRight", "executive"),
        ("ArrowLeft", "definitions"),
        ("Home", "executive"),
    ]:
        page.keyboard.press(key)
        drawn(page)
        assert page.evaluate("document.activeElement.id") == f"tab-{tab}"
        assert page.get_attribute(f"#tab-{tab}", "aria-selected") == "true"


@pytest.mark.parametrize("width", [360, 1024, 1920])
def test_nothing_overflows(opened: Callable[..., Page], width: int) -> None:
    page = opened(width=width)
    for tab in TABS:
        # French is the longer
        move(page, f"{tab}?lang=fr")
        wide = page.evaluate("""() => [...document.querySelectorAll("body *")].filter((one) =>
            !one.closest(".picture, .scroll, [role=tablist], svg, .unseen")
            && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        ).map((one) => one.outerHTML.slice(0, 80))""")
        assert wide == [], tab


@pytest.fixture(scope="session")
def axe() -> str:
    folder = ROOT / "target" / "axe"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            assert not os.environ.get("CI"), "npm is not installed"
            pytest.skip("npm is not installed: axe-core cannot be fetched")
        subprocess.run([npm, "install", "--silent", "--prefix", folder, AXE], check=True)
    return script.read_text(encoding="utf-8")


def test_axe_finds_no_violation(opened: Callable[..., Page], axe: str) -> None:
    page = opened()
    page.evaluate(axe)
    # dark changes nothing but colours
    for theme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        for tab in TABS:
            move(page, f"{tab}?theme={theme}")
            # two of the tables, which are all made alike
            page.evaluate("""() => [...document.querySelectorAll("details")].slice(0, 2)
                .forEach((one) => { one.open = true })""")
            found = page.evaluate("options => axe.run(options)", options)["violations"]
            said = [(one["id"], node["html"][:90]) for one in found for node in one["nodes"][:3]]
            assert said == [], f"{tab}, {theme}"


def test_prints_every_tab(opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened("customers?theme=dark")
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True, print_background=True)
    pages = [
        normalize("NFKC", sheet.extract_text())
        for sheet in pypdf.PdfReader(tmp_path / "page.pdf").pages
    ]
    assert 25 <= len(pages) <= 45
    names = [
        "Executive",
        "Acquisition",
        "Conversion",
        "Customers",
        "Products",
        "Operations",
        "Site",
        "Definitions",
    ]
    starts = [
        next(i for i, text in enumerate(pages) if re.search(rf"^{name}$", text, re.MULTILINE))
        for name in names
    ]
    assert starts == sorted(set(starts)), "each tab starts a page"
    # from inside a chart of a tab that was not open
    assert any("Payment failed" in text for text in pages)
    drawn(page)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_is_a_picture_without_javascript(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    pictures = page.locator("svg[role=img]")
    charts = sum(
        dashboard.charts.FIGURES.get(name, True) is True
        or dashboard.charts.FIGURES[name].chart is not None
        for tab in dashboard.layout.TABS.values()
        for name in tab["figures"]
    )
    assert pictures.count() == charts
    assert pictures.evaluate_all(
        "all => all.every((one) => one.querySelectorAll('path').length > 3)"
    )
    assert "Net sales" in page.locator("table").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("how", ["missing", "empty", "sales only"])
def test_marts_without_rows_leave_sentences(
    published: Path, opened: Callable[..., Page], tmp_path: Path, how: str
) -> None:
    shop = tmp_path / "shop.duckdb"
    with duckdb.connect(str(shop)) as connection:
        connection.execute("create table unrelated (a integer)")
        connection.execute(f"attach '{published}' as whole (read_only)")
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'whole'"
        ).fetchall()
        tables = {} if how == "missing" else {name: "limit 0" for (name,) in names}
        if how == "sales only":
            # as of a shop that has orders and nothing else
            sales = "where kpi in (select kpi from whole.kpi_catalogue where domain = 'sales')"
            whole = "and segment_type in ('all', 'customer_type')"
            tables |= {
                "kpi_catalogue": "",
                "kpi_values": f"{sales} {whole}",
                "kpi_scorecard": f"{sales} {whole}",
            }
        for table, part in tables.items():
            connection.execute(f'create table "{table}" as from whole."{table}" {part}')
    page = opened(file=build(shop, tmp_path / "page.html"))
    for tab in TABS:
        move(page, tab)
        assert page.locator("p.empty").count() >= 1
        if how != "sales only":
            assert page.locator(".vega").count() == 0
    move(page, "executive")
    assert ("€27,687" in page.locator("main").inner_text()) == (how == "sales only")


def test_the_same_marts_give_the_same_bytes(published: Path, built: Path, tmp_path: Path) -> None:
    again = build(published, tmp_path / "again.html").read_bytes()
    assert again == built.read_bytes()
    assert len(again) < 3_000_000


# ---- 2. every number


def same(shown: object, known: object) -> bool:
    """To the six significant digits that the page carries."""
    if isinstance(shown, str) or isinstance(shown, bool) or shown is None:
        return shown == known
    return known is not None and abs(shown - float(known)) <= 6e-6 * abs(float(known))


# data set: the columns that make a row's key, and a whole mart read with the page's names
LOOKUPS = {
    name: (keys.split(", "), sql)
    for name, keys, sql in re.findall(
        r"-- (\w+): (.*)\n((?:(?!-- ).+\n)+)", dashboard_lookups.LOOKUPS
    )
}
# text and calendar, without a number of the marts
WITHOUT_NUMBERS = {"choices", "filters", "periods", "segments"}


def reader(published: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach '{published}' as shop (read_only); use memory")
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where database_name = 'shop'"
    ).fetchall():
        connection.execute(f'create view "{table}" as from shop."{table}"')
    return connection


def fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def differences(connection: duckdb.DuckDBPyConnection, name: str, shown: list[dict]) -> list[str]:
    """Where a data set of the page is not what the marts say."""
    if name == "kpis":
        return kpi_differences(connection, shown)
    if name == "facts":
        [[day, held]] = connection.execute(
            "select max(period_start) filter (period_grain = 'day'),"
            " count(*) filter (status in ('on_track', 'at_risk', 'off_track')) from kpi_scorecard"
        ).fetchall()
        return [] if shown == [{"as_of": str(day), "held": held}] else ["facts"]
    if name in ("rfm", "stock"):
        return group_differences(connection, name, shown)
    keys, sql = LOOKUPS[name]
    known: dict[tuple, list[dict]] = {}
    for row in fetch(connection, sql):
        known.setdefault(tuple(row[key] for key in keys), []).append(row)
    wrong = []
    for row in shown:
        key = tuple(row[column] for column in keys)
        if not any(
            all(same(value, one[column]) for column, value in row.items())
            for one in known.get(key, [])
        ):
            wrong.append(f"{name} {key}: {row}, not {known.get(key)}")
    # nothing of a period and segment that is shown may be left out
    if "period" in keys and "channel" not in keys:
        held = [
            column
            for column in ("period", "comparison", "segment_type", "segment_value")
            if column in keys
        ]
        parts = {tuple(row[column] for column in held) for row in shown}
        there = {tuple(row[column] for column in keys) for row in shown}
        if name != "targets":
            wrong += [
                f"{name} lacks {key}"
                for key, rows in known.items()
                if key not in there and tuple(rows[0][column] for column in held) in parts
            ]
    return wrong


def group_differences(
    connection: duckdb.DuckDBPyConnection, name: str, shown: list[dict]
) -> list[str]:
    """Counted and summed here, from every customer or stock position."""
    key, columns, sql = {
        "rfm": (
            "rfm_segment",
            {
                "customers": None,
                "net_revenue": "net_revenue",
                "expected_value": "expected_value_365d",
            },
            "from customer_values",
        ),
        "stock": (
            "stock_status",
            {"positions": None, "stock_value": "stock_value", "excess_value": "excess_stock_value"},
            "select *, status as stock_status from inventory_position",
        ),
    }[name]
    totals: dict[str, dict[str, float]] = {}
    for row in fetch(connection, sql):
        total = totals.setdefault(row[key], dict.fromkeys(columns, 0))
        for column, of in columns.items():
            total[column] += 1 if of is None else float(row[of] or 0)
    wrong = [
        f"{name} {row}, not {totals.get(row[key])}"
        for row in shown
        if not all(same(row[column], totals.get(row[key], {}).get(column)) for column in columns)
    ]
    return wrong + [
        f"{name} lacks {one}" for one in totals if one not in {row[key] for row in shown}
    ]


def shift(day: date, grain: str, is_year: bool) -> date:
    if grain == "week":
        return day - timedelta(days=364 if is_year else 7)
    months = (
        day.year * 12
        + day.month
        - 1
        - (12 if is_year else {"month": 1, "quarter": 3, "year": 12}[grain])
    )
    return date(months // 12, months % 12 + 1, 1)


def kpi_differences(connection: duckdb.DuckDBPyConnection, shown: list[dict]) -> list[str]:
    units = dict(connection.execute("select kpi, unit from kpi_catalogue").fetchall())
    values = {
        tuple(row[:5]): row[5:]
        for row in connection.execute(
            """
            select
                kpi, period_grain, period_start, segment_type, segment_value,
                value, ci_low, ci_high, denominator
            from kpi_values
            where
                period_grain <> 'day' and not contains(segment_type, '+')
                and not contains(segment_type, 'cohort')
                and kpi in (select unnest($kpis))
        """,
            {"kpis": sorted({row["kpi"] for row in shown})},
        ).fetchall()
    }
    cards = {
        tuple(row[:5]): row[5:]
        for row in connection.execute("""
            select
                kpi, period_grain, period_start, segment_type, segment_value,
                target_value, status, projected_value, is_complete_period
            from kpi_scorecard where period_grain <> 'day'
        """).fetchall()
    }
    # a gap in a count or sum of the whole shop is a zero (docs/decisions.md, Steering, 3)
    first: dict[tuple, date] = {}
    with_denominator = {key[0] for key, row in values.items() if row[3] is not None}
    for kpi, grain, day, kind, _ in values:
        if kind == "all":
            first[kpi, grain] = min(first.get((kpi, grain), day), day)
    as_of = max(day for _, grain, day, *_ in cards if grain == "week") + timedelta(days=6)

    def value(key: tuple) -> float | None:
        if key in values:
            return values[key][0]
        kpi, grain, day, kind, _ = key
        is_gap = (
            kind == "all"
            and kpi not in with_denominator
            and (kpi, grain) in first
            and first[kpi, grain] <= day <= as_of
        )
        return 0 if is_gap else None

    def moved(now: float | None, before: float | None, unit: str) -> float | None:
        if now is None or before is None:
            return None
        if unit in ("ratio", "points"):
            return now - before
        return now / before - 1 if before > 0 else None

    wrong = []
    for row in shown:
        kpi, grain, unit = row["kpi"], row["grain"], units[row["kpi"]]
        day = date.fromisoformat(row["period"].split(" ")[1])
        segment = (row["segment_type"], row["segment_value"])
        key = (kpi, grain, day, *segment)
        now, previous, year_ago = (
            value((kpi, grain, one, *segment))
            for one in (day, shift(day, grain, False), shift(day, grain, True))
        )
        _, low, high, cases = values.get(key, (None,) * 4)
        target, status, projected, _ = cards.get(key, (None,) * 4)
        known = {
            "kpi": kpi,
            "grain": grain,
            "period": f"{grain} {day}",
            "segment_type": segment[0],
            "segment_value": segment[1],
            "value": now,
            "low": low,
            "high": high,
            "target": target,
            "status": status,
            "projected": projected,
            "is_small": cases is not None and cases < 30 and cases == int(cases),
            "is_open": not cards[kpi, grain, day, "all", "all"][3],
            "previous": previous,
            "change": moved(now, previous, unit),
            "year_ago": year_ago,
            "year_change": moved(now, year_ago, unit),
        }
        if segment[0] not in ("all", "channel", "device_type", "country_code"):
            known |= dict.fromkeys(("previous", "change", "year_ago", "year_change"))
        for column, one in row.items():
            # a difference of near equals loses digits
            near = (
                isinstance(one, float)
                and column.endswith("change")
                and known[column] is not None
                and abs(one - known[column]) < 1e-9
            )
            if not same(one, known[column]) and not near:
                wrong.append(f"kpis {key} {column}: {one}, not {known[column]}")
    return wrong


def test_every_embedded_number_is_that_of_the_marts(published: Path, embedded: Embedded) -> None:
    _, sets = embedded
    assert set(sets) == set(LOOKUPS) | WITHOUT_NUMBERS | {"kpis", "facts", "rfm", "stock"}
    with reader(published) as connection:
        for name, rows in sets.items():
            assert rows, f"{name} is empty on the demo shop"
            if name not in WITHOUT_NUMBERS:
                assert differences(connection, name, rows)[:5] == []


MONTH, ALL = "period_grain = 'month' and period_start = '2025-12-01'", "segment_type = 'all'"
# data set, mart, column, and the row of the mart that is altered
ALTERED = f"""
kpis, kpi_values, value: kpi = 'net_sales' and {MONTH} and segment_value = 'email'
kpis, kpi_values, ci_low: kpi = 'bounce_rate' and period_start = '2025-12-15' and {ALL}
kpis, kpi_values, value: kpi = 'orders' and period_start = '2024-07-01' and {ALL}
kpis, kpi_scorecard, target_value: kpi = 'net_sales' and {MONTH}
days, kpi_anomalies, upper: kpi = 'orders' and {ALL} and period_start = '2025-12-24'
anomalies, kpi_anomalies, value: kpi = 'purchase_frequency' and period_start = '2025-12-28'
targets, kpi_scorecard, attainment: kpi = 'nps' and target_id is not null
drivers, revenue_drivers, contribution: {MONTH} and driver = 'visitors' and {ALL}
channels, channel_performance, cac: {MONTH} and channel = 'paid_search'
attribution, channel_attribution, net_sales: {MONTH} and channel = 'email' and model = 'linear'
funnel, conversion_funnel, sessions: {MONTH} and segment_value = 'mobile' and step = 'purchase'
causes, cart_abandonment_causes, carts: {MONTH} and {ALL} and cause = 'form_error'
experiments, experiment_results, ci_high: metric = 'conversion_rate'
cohorts, customer_cohorts, retention_rate: {ALL} and cohort_month = '2025-06-01'
rfm, customer_values, net_revenue: rfm_segment = 'champions'
due, customer_values, expected_value_365d: is_reactivation_due
baskets, basket_impact, mix_adjusted_difference: period_grain = 'year' and level = 'with_promotion'
affinity, product_affinity, lift: level = 'category' and antecedent = 'garden'
pairs, product_affinity, confidence: level = 'product'
stock, inventory_position, stock_value: status = 'healthy'
reorders, inventory_position, suggested_order_quantity: status = 'out_of_stock'
stages, delivery_performance, p90_hours: {MONTH} and {ALL} and stage = 'transit'
satisfaction, satisfaction_by_delivery, nps_ci_low: segment_value = 'Colirapide'
accounting, raw_row_accounting, rows_rejected: table_name = 'orders'
"""


@pytest.mark.parametrize("altered", ALTERED.strip().splitlines())
def test_a_wrong_number_is_found(published: Path, embedded: Embedded, altered: str) -> None:
    """The same comparison as above, with the marts altered under the page by one percent."""
    what, where = altered.split(": ")
    name, table, column = what.split(", ")
    rows = [row for row in embedded[1][name] if name != "kpis" or f"'{row['kpi']}'" in where]
    with reader(published) as connection:
        [[hit]] = connection.execute(
            f'select count(*) from "{table}" where {where} and "{column}" <> 0'
        ).fetchall()
        assert hit, "the row to be altered is not there"
        connection.execute(
            f'create or replace view "{table}" as select * replace ('
            f'case when {where} then "{column}" * 1.01 + 1 else "{column}" end as "{column}") '
            f'from shop."{table}"'
        )
        assert differences(connection, name, rows) != []


def read_number(text: str) -> tuple[float, float]:
    """A number as it is written in English, and half of its last digit."""
    digits = re.sub(r"[^\d.\-]", "", text.replace("−", "-"))
    places = len(digits.split(".")[1]) if "." in digits else 0
    scale = 0.01 if "%" in text or "pp" in text else 1
    return float(digits) * scale, 0.5 * 10**-places * scale


def written_right(value: str, text: str) -> bool:
    if value == "":
        return text == "–"
    number, half = read_number(text)
    # from six digits to as many as are written: rounded twice at most; large ones to four digits
    return (
        abs(number - float(value))
        <= half * 1.001
        + abs(float(value)) * 6e-4 * (half >= 0.5 and "." not in text and float(value) % 1 != 0)
        + 1e-12
    )


@pytest.mark.parametrize(
    "query", ["", "segment=channel%3Aemail&period=quarter+2025-10-01&comparison=year_ago"]
)
def test_every_number_on_screen_is_an_embedded_one(
    opened: Callable[..., Page], embedded: Embedded, query: str
) -> None:
    description, sets = embedded
    kpis = {
        (row["kpi"], row["period"], row["segment_type"], row["segment_value"]): row
        for row in sets["kpis"]
    }
    page = opened()
    checked = 0
    for tab in TABS:
        move(page, f"{tab}?{query}")
        for cell, value, text in page.eval_on_selector_all(
            "data[data-cell]",
            "all => all.map((one) => [one.dataset.cell, one.value, one.textContent])",
        ):
            *key, column = cell.split("|")
            known = kpis.get(tuple(key), {}).get(column)
            assert value == ("" if known is None else page.evaluate("String", known)), cell
            assert written_right(value, text), f"{cell}: {value} written as {text}"
            checked += 1
        page.evaluate(
            "for (const one of document.querySelectorAll('figure details')) one.open = true"
        )
        page.wait_for_function(
            "[...document.querySelectorAll('figure details')]"
            ".every((one) => one.childElementCount === 2)"
        )
        figures = page.evaluate("""() => [...document.querySelectorAll("figure")].map((one) => ({
            name: one.dataset.figure, where: JSON.parse(one.dataset.where),
            charted: one.querySelector(".vega")?.drawn.view.data("rows").map((row) => ({ ...row })),
            cells: [...one.querySelectorAll("tbody tr")].map((row) =>
                [...row.querySelectorAll("data")].map((cell) =>
                    [cell.dataset.column, cell.value, cell.textContent])),
        }))""")
        for figure in figures:
            spec = description["figures"][figure["name"]]
            rows = [
                row
                for row in sets[spec["data"]]
                if all(row[column] == value for column, value in figure["where"].items())
                and (spec["needs"] is None or row[spec["needs"]] is not None)
            ]
            if figure["charted"] is not None:
                assert [
                    {column: one.get(column) for column in rows[0]} for one in figure["charted"]
                ] == rows
            assert len(figure["cells"]) == len(rows)
            for row, cells in zip(rows, figure["cells"], strict=True):
                for column, value, text in cells:
                    assert (float(value) if value else None) == row[column], (
                        f"{figure['name']} {column}"
                    )
                    assert written_right(value, text), (
                        f"{figure['name']} {column}: {value} written as {text}"
                    )
                    checked += 1
    assert checked > 1000


def test_the_pictures_have_the_same_numbers(built: Path, embedded: Embedded) -> None:
    """Its tiles without JavaScript; its charts are drawn from the rows compared above."""
    description, sets = embedded
    static = re.search(r"<noscript>(.*?)</noscript>", built.read_text(encoding="utf-8"), re.DOTALL)[
        1
    ]
    found = re.findall(r"<tr><th scope=row>.*?</th>((?:<td><data value=.*?</td>)+)", static)
    kpis = [kpi for tab in dashboard.layout.TABS.values() for kpi in tab["tiles"]]
    assert len(found) == len(kpis)
    for kpi, cells in zip(kpis, found, strict=True):
        [row] = [
            row
            for row in sets["kpis"]
            if row["kpi"] == kpi
            and row["period"] == description["period"]
            and row["segment_type"] == "all"
        ]
        for column, (value, text) in zip(
            ("value", "previous", "year_ago", "target"),
            re.findall(r'<data value="(.*?)">(.*?)</data>', cells),
            strict=True,
        ):
            assert (float(value) if value else None) == row[column]
            assert written_right(value, text), f"{kpi} {column}: {value} written as {text}"
