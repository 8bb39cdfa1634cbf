"""What documents say holds: queries run and agree with the KPIs, links lead somewhere."""

from __future__ import annotations

import re

import duckdb
import pytest

from harness.compiled import ROOT
from harness.publish import PRIVATE
from tests.python.conftest import Shop

DIFFERENCES = ROOT / "docs" / "why_numbers_differ.md"


def queries() -> dict[str, str]:
    """The queries of the page by the heading that they stand under."""
    found: dict[str, str] = {}
    heading = ""
    for line, block in re.findall(
        r"^#+ ([^\n]+)$|^```sql\n(.*?)^```$",
        DIFFERENCES.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    ):
        heading = line or heading
        if block:
            found[heading if heading not in found else f"{heading}, again"] = block
    return found


def run(shop: Shop, query: str) -> list[dict]:
    with duckdb.connect(str(shop.target / "shop.duckdb"), read_only=True) as connection:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("heading", queries())
def test_every_query_of_the_page_runs_and_finds_rows(demo: Shop, heading: str) -> None:
    query = queries()[heading]
    rows = run(demo, query)
    assert rows
    # a query that finds nothing but nulls measures nothing
    assert any(value is not None for row in rows for value in list(row.values())[1:]), rows
    # readers have the published tables only
    for table in re.findall(r"\b(?:from|join) ([a-z_]+)", query):
        assert not re.fullmatch(PRIVATE, table), table


def test_the_page_starts_from_our_own_numbers(demo: Shop) -> None:
    november = {
        kpi: value
        for kpi, value in demo.rows(
            "select kpi, round(value, 2) from kpi_values where period_grain = 'month'"
            " and segment_type = 'all' and period_start = date '2025-11-01'"
        )
    }
    found = queries()
    orders = run(demo, found["Cancelled, unpaid and test orders"])
    assert next(r for r in orders if r["what"] == "counts here")["orders"] == november["orders"]
    [sales] = run(demo, found["Net sales, net revenue and total sales"])
    assert float(sales["our_net_sales"]) == november["net_sales"]
    assert float(sales["our_net_revenue_their_net_sales"]) == november["net_revenue"]
    [value] = run(demo, found["Average order value"])
    assert value["ours"] == value["in_kpi_values"] == november["average_order_value"]
    customers = run(demo, found["New customers"])
    new = next(row for row in customers if row["customer_type"] == "new")
    assert new["customers"] == november["new_customers"]
    [told] = run(demo, found["Orders that the browser never told"])
    assert told["valid_orders"] == november["orders"]


def test_every_kind_of_tool_and_difference_is_there() -> None:
    text = DIFFERENCES.read_text(encoding="utf-8")
    for tool in ("## Shopify", "## GA4", "## Google Ads, Meta"):
        assert tool in text
    sections = re.findall(r"^### (.+?)$(.*?)(?=^##|\Z)", text, flags=re.DOTALL | re.MULTILINE)
    assert len(sections) >= 20
    assert [heading for heading, body in sections if "```sql" not in body] == []


@pytest.mark.parametrize(
    "page",
    [
        page.relative_to(ROOT).as_posix()
        for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^a-z0-9_ -]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    } | set(re.findall(r'<a id="([^"]+)"></a>', text))
    broken = []
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if link.startswith("#"):
            broken += [link] if link[1:] not in anchors else []
        elif "://" not in link and not (ROOT / page).parent.joinpath(link.split("#")[0]).exists():
            broken.append(link)
    assert broken == []
