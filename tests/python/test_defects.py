"""Defects seen in other projects, each made here on purpose: something must turn red.

The SQL that ships is changed in the typical wrong way and built over a small shop. Either a data
test of the project fails, or the recomputation in Python disagrees. The right SQL does neither.
"""

from __future__ import annotations

from pathlib import Path

import polars
import pytest

from harness import oracle
from harness.compiled import Built, CompiledProject
from tests.python.shops import awkward

pytestmark = pytest.mark.slow

DEFECTS = {
    "guest orders labelled repeat": {
        "fct_orders": ("when orders.customer_id is null then 'guest'", "when false then 'guest'"),
    },
    "cancelled orders in the average order value": {
        "int_orders_valued": ("in ('paid',", "in ('cancelled', 'paid',"),
    },
    "test orders counted": {
        "int_orders_valued": ("and not orders.is_test", ""),
    },
    "orders multiplied by a split shipment": {
        "int_orders_shipped": ("group by order_id", "group by order_id, shipped_at"),
    },
    "quantity squared in revenue": {
        "stg_order_items": (
            "base_order_items.quantity * cast(base_order_items.unit_price",
            "power(base_order_items.quantity, 2) * cast(base_order_items.unit_price",
        ),
    },
    "the same row counted twice": {
        "base_orders": (") = 1 then 'accepted'", ") >= 1 then 'accepted'"),
    },
    "an older copy of a row wins": {
        "base_orders": ("loaded_at desc", "loaded_at asc"),
    },
    "refunds moved to the day of the order": {
        "fct_sales_entries": ("refunded_on as booked_on", "ordered_on as booked_on"),
    },
    "refunds of cancelled orders counted": {
        "int_orders_valued": ("'delivered')", "'delivered', 'cancelled')"),
    },
    "orders dated by the customer's first order": {
        "fct_orders": (
            "orders.ordered_on,",
            "coalesce(customers.first_order_on, orders.ordered_on) as ordered_on,",
        ),
    },
    "touches after the order credited": {
        "int_order_touches": ("and orders_placed.ordered_at >= sessions.started_at", ""),
    },
    "an average of ratios": {
        "rollup_sales": (
            "sum(discounts) as discounts",
            "avg(discounts / nullif(gross_sales, 0)) * sum(gross_sales) as discounts",
        ),
    },
    "1.0 as the rate of a currency without one": {
        "base_orders": ("fx_rates.rate is null", "false"),
    },
    "equal purchases lost by a distinct sum": {
        "int_orders_valued": ("sum(net_sales)", "sum(distinct net_sales)"),
    },
    "bots counted as visitors": {
        "int_sessions_identified": ("where not sessions.is_bot", ""),
    },
    "visitors summed from days": {
        "rollup_sessions": (
            "visitors_before < cast(date_trunc('week', booked_on) as date)",
            "visitors_before < booked_on",
        ),
    },
    "lines without a known cost counted as all margin": {
        "fct_sales_entries": ("net_sales - cost as", "net_sales - coalesce(cost, 0) as"),
    },
    "undelivered parcels left out of the order's delivery": {
        "int_orders_shipped": ("count(delivered_at) = count(*)", "count(delivered_at) > 0"),
    },
    "unanswered surveys counted as answers": {
        "rollup_surveys": ("'csat' then score end", "'csat' then 1 end"),
    },
    "rows lost on the way": {
        "base_refunds": ("from checked", "from checked where rejection_reason is null"),
    },
    "a data-quality figure that is made up": {
        "raw_row_accounting": ("coalesce(rejections.rows_rejected, 0)", "0"),
    },
    "an event from the future accepted": {
        "base_sessions": ("cast(typed.started_at as timestamp) >", "timestamp '2000-01-01' >"),
    },
    "carts bought later counted as lost for ever": {
        "int_carts_recovered": (
            "        orders_summed.recovery_order_id,", "        null as recovery_order_id,"
        ),
    },
    "a reminder sent after the order credited": {
        "int_carts_recovered": (
            "orders_summed.last_order_at > reminders_summed.reminded_at",
            "orders_summed.last_order_at > carts.ended_at"
            " and reminders_summed.reminded_at is not null",
        ),
    },
    "carts too young to be judged counted as not recovered": {
        "rollup_carts": (
            "where is_mature_abandoned) as carts_mature,", "where is_abandoned) as carts_mature,"
        ),
    },
    "a cart worth less than nothing": {
        "int_carts_valued": ("greatest(", "least("),
    },
    "bounce rate above 1": {
        "rollup_sessions": (
            "count(*) filter (where is_engaged)", "sum(page_views) filter (where is_engaged)"
        ),
    },
    "content read after the order credited": {
        "int_orders_assisted": ("and orders_placed.ordered_at >= views.event_at", ""),
    },
    "one form of a session counted for each time it was started": {
        "fct_forms": ("group by session_id, form_id", "group by session_id, form_id, event_id"),
    },
    "the channel of a lead from the CRM although its session is known": {
        "fct_leads": (
            "coalesce(sessions.channel, leads.channel)", "coalesce(leads.channel, sessions.channel)"
        ),
    },
    "leads of channels without spend dropped from the cost": {
        "rollup_lead_costs": (
            "cross join shops_that_spend",
            "inner join (select distinct channel as paid from ad_spend) on leads.channel = paid",
        ),
    },
    "attribution credit above 1": {
        "fct_order_touches": ("then 0.4", "then 0.5"),
    },
    "spend without conversions dropped": {
        "rollup_attribution": ("full outer join spent", "left join spent"),
    },
    "orders without a session left out of attribution": {
        "rollup_attribution": ("left join order_touches", "inner join order_touches"),
    },
    "journeys without an order left out of the chain": {
        "int_channel_paths": (
            "1 as nulls,\n        0 as conversion_value",
            "0 as nulls,\n        0 as conversion_value",
        ),
    },
    "a cost of acquisition of 0 without new customers": {
        "channel_performance": (
            "cast(cost as double) / nullif(cast(new_customers as double), 0) as cac",
            "coalesce(cost / nullif(new_customers, 0), 0) as cac",
        ),
    },
    "new customers of every channel counted as paid": {
        "rollup_marketing": ("is not null then 1 else 0 end", "is not null then 1 else 1 end"),
    },
    "young customers in the lifetime value against cost": {
        "rollup_marketing": ("rolled_up.period_end <= cast(", "date '1900-01-01' <= cast("),
    },
    "a child of a rejected parent accepted": {
        "base_order_items": ("orders.order_id is null", "false"),
    },
    "customers who never came back left out of the repeat rate": {
        "rollup_customers": (
            "count(*) filter (where is_mature_90d) as",
            "count(*) filter (where is_mature_90d and second_order_at is not null) as",
        ),
    },
    "customers too young for their value counted in it": {
        "rollup_customers": (
            "sum(gross_margin_90d) filter (where is_mature_90d)", "sum(gross_margin_90d)",
        ),
    },
    "active customers counted once an order": {
        "rollup_customer_orders": ("partition by customer_id", "partition by order_id"),
    },
    "the country of the parcel taken for the customer's": {
        "fct_customer_orders": ("customers.country_code,", "orders.country_code,"),
    },
    "months without an order left out of the cohorts": {
        "customer_cohorts": ("left join summed", "inner join summed"),
    },
    "cumulative value of a single month": {
        "customer_cohorts": (
            "sum(net_revenue) over so_far", "sum(net_revenue) over (so_far rows current row)",
        ),
    },
    "waits that are not over left out of Kaplan-Meier": {
        "repurchase_intervals": (
            "where waits.ordered_on <= as_of.as_of", "where waits.next_ordered_on <= as_of.as_of",
        ),
    },
    "single-item orders left out of the base of a pair": {
        "product_affinity": (
            "select count(*) as orders from orders",
            "select count(*) as orders from orders where units > 1",
        ),
    },
    "baskets of cancelled orders compared": {
        "basket_impact": ("where is_valid_order", "where true"),
    },
    "returned units left in the cost of goods sold": {
        "rollup_stock": (
            "(order_items.quantity - coalesce(units_returned.units, 0))",
            "order_items.quantity",
        ),
    },
    "stock added up over days, not averaged": {
        "rollup_stock": (
            "nullif(cast(snapshot_days as double), 0) as mean_stock_value",
            "1 as mean_stock_value",
        ),
    },
    "a forecast that knows the days it forecasts": {
        "int_demand_forecasts": ("origins.origin_on >= demand_days.demand_on", "true"),
    },
    "stock-outs left in the base of the forecast": {
        "int_demand_days": ("and not is_stockout", ""),
    },
    "units of the backtest left out": {
        "int_demand_forecasts": (
            "coalesce(sold.units, 0) end as units_sold",
            "case when sold.is_base then sold.units else 0 end end as units_sold",
        ),
    },
    "stages all measured from the order on": {
        "int_fulfilment_stages": (
            "coalesce(released_at, paid_at, ordered_at) as started_at",
            "ordered_at as started_at",
        ),
    },
    "orders that wait forgotten": {
        "rollup_backlog": ("where last_shipped_on is null or", "where"),
    },
    "answers of 8 left out of the NPS parts": {
        "satisfaction_by_delivery": ("score in (7, 8)", "score = 7"),
    },
}  # fmt: skip


def red(built: Built, expected: oracle.Result) -> list[str]:
    """The proofs that disagree with what was built: data tests by name, and the oracle."""
    proofs = list(built.failures)
    actual = built.connection.sql("from kpi_values").pl()
    catalogued = [kpi for (kpi,) in built.rows("select kpi from kpi_catalogue")]
    wanted = expected.kpi_values.filter(polars.col("kpi").is_in(catalogued))
    if not oracle.compare(wanted, actual).is_empty():
        proofs.append("oracle")
    accounting = built.connection.sql("from raw_row_accounting order by table_name").pl()
    if (
        accounting.rows()
        != expected.accounting.select(accounting.columns).sort("table_name").rows()
    ):
        proofs.append("oracle's accounting")
    return proofs


@pytest.fixture(scope="module")
def awkward_shop(small_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return awkward(small_shop, tmp_path_factory.mktemp("awkward") / "shop")


@pytest.fixture(scope="module")
def expected(awkward_shop: Path) -> oracle.Result:
    return oracle.compute(awkward_shop)


@pytest.fixture(scope="module")
def right(
    compiled: CompiledProject, awkward_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The warehouse of the awkward shop as the right SQL builds it."""
    warehouse = tmp_path_factory.mktemp("right") / "shop.duckdb"
    built = compiled.build(awkward_shop, warehouse=warehouse)
    assert built.failures == []
    built.connection.close()
    return warehouse


def test_nothing_is_red_without_a_defect(
    compiled: CompiledProject, right: Path, tmp_path: Path, expected: oracle.Result
) -> None:
    assert red(compiled.rebuild(right, tmp_path / "shop.duckdb", {}), expected) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_noticed(
    defect: str, compiled: CompiledProject, right: Path, tmp_path: Path, expected: oracle.Result
) -> None:
    rebuilt = compiled.rebuild(right, tmp_path / "shop.duckdb", DEFECTS[defect])
    proofs = red(rebuilt, expected)
    rebuilt.connection.close()
    (tmp_path / "shop.duckdb").unlink()
    assert proofs != []
