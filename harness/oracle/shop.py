"""The shop's facts: orders, lines, refunds, sessions, shipments, customers, with their segments.

One row of each frame is what its name says. Money is in the reporting currency, in whole numbers
of 1e-12. Days are in the reporting time zone. Column names of segments are those of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl

from .channels import add_channel
from .raw import RawShop, day_of
from .zones import add_zone

VALID_STATUSES = ("paid", "processing", "shipped", "delivered")
DEFAULT_VARIABLES = {
    "attribution_window_days": 30,
    "cart_recovery_days": 7,
    "lapsed_after_days": 180,
    "annual_discount_rate": 0.10,
    "slow_mover_interval_days": 1.32,
    "promotion_day_discount_rate": 0.10,
}
ORDER_SEGMENTS = [
    "channel", "acquisition_channel", "acquisition_cohort", "customer_type", "device_type",
    "country_code", "zone", "sales_channel", "promotion", "shipping_fee", "rfm_segment",
    "carrier", "delivery_mode", "warehouse",
]  # fmt: skip


def convert(frame: pl.DataFrame, rate: str, *columns: str) -> pl.DataFrame:
    """Amounts times the row's rate, exactly; null where either is null."""
    return frame.with_columns(
        (pl.col(name).cast(pl.Int128) * pl.col(rate).cast(pl.Int128)).alias(name)
        for name in columns
    )


def within_days(later: pl.Expr, earlier: pl.Expr, days: float) -> pl.Expr:
    """Elapsed time from `earlier` to `later` of 0 to N x 24 hours, both ends included (10)."""
    elapsed = later - earlier
    return (elapsed >= timedelta(0)) & (elapsed <= timedelta(days=days))


@dataclass
class Shop:
    """All facts of one shop, made on first use."""

    raw: RawShop
    project_dir: Path
    zone: str
    missing_tables: tuple[str, ...] = ()
    stated_as_of: date | None = None
    variables: dict[str, float] = field(default_factory=dict)
    kept: dict[str, pl.DataFrame] = field(default_factory=dict)

    def variable(self, name: str) -> float:
        """A business parameter, by default as the project ships it."""
        return self.variables.get(name, DEFAULT_VARIABLES[name])

    @property
    def zones_seed(self) -> Path:
        """Where countries and regions are given their zone."""
        return self.project_dir / "seeds" / "zones.csv"

    def table(self, name: str) -> pl.DataFrame:
        """The accepted rows of a raw table."""
        return self.raw.tables[name]

    def day(self, column: str) -> pl.Expr:
        """The reporting day of a timestamp."""
        return day_of(column, self.zone)

    @cached_property
    def as_of(self) -> date:
        """The day of the newest accepted session or order, else of any event (ruling 9)."""
        if self.stated_as_of:
            return self.stated_as_of
        newest = [
            self.table("orders").select(self.day("ordered_at").max()).item(),
            self.table("sessions").select(self.day("started_at").max()).item(),
        ]
        if not any(newest):
            plans = ("loaded_at", "promised_on", "launched_on", "discontinued_on")
            for frame in self.raw.tables.values():
                for name, dtype in frame.schema.items():
                    if name in plans or dtype not in (pl.Date, pl.Datetime("us")):
                        continue
                    moment = pl.col(name) if dtype == pl.Date else self.day(name)
                    newest.append(frame.select(moment.max()).item())
        return max((moment for moment in newest if moment), default=date(1970, 1, 1))

    def days_before_as_of(self, days: float) -> date:
        """The latest day that is at least N days before as_of (ruling 10)."""
        return self.as_of - timedelta(days=int(days))

    # ---- visitors and sessions ---------------------------------------------------------------

    @cached_property
    def visits(self) -> pl.DataFrame:
        """Sessions that are not bots', with channel and owner: `customer_id` after ruling 14."""
        sessions = self.table("sessions").filter(~pl.col("is_bot").fill_null(False))
        known = (
            sessions.filter(pl.col("customer_id").is_not_null())
            .group_by("visitor_id")
            .agg(pl.col("customer_id").unique().alias("owners"))
            .filter(pl.col("owners").list.len() == 1)
            .select("visitor_id", pl.col("owners").list.first().alias("__owner"))
        )
        sessions = sessions.join(known, on="visitor_id", how="left").with_columns(
            pl.coalesce("customer_id", "__owner").alias("customer_id"),
            self.day("started_at").alias("day"),
        )
        sessions = add_channel(sessions, self.project_dir / "seeds" / "channel_rules.csv")
        last_event = (
            self.table("session_events")
            .group_by("session_id")
            .agg(pl.col("event_at").max().alias("__last_event"))
        )
        return sessions.join(last_event, on="session_id", how="left").select(
            "session_id", "visitor_id", "customer_id", "started_at", "day", "channel",
            "device_type", "country_code",
            pl.coalesce("ended_at", "__last_event", "started_at").alias("ended_at"),
        )  # fmt: skip

    @cached_property
    def sessions(self) -> pl.DataFrame:
        """Visits with the session segments and what was ordered in them."""
        first_visit = (
            self.visits.sort("started_at", "session_id")
            .group_by("visitor_id", maintain_order=True)
            .agg(
                pl.col("session_id").first().alias("__first_session"),
                pl.col("day").first().dt.strftime("%Y-%m").alias("visitor_cohort"),
            )
        )
        first_order = self.first_orders.select("customer_id", "first_order_at")
        placed = (
            self.valid_orders.filter(pl.col("visit_id").is_not_null())
            .group_by(pl.col("visit_id").alias("session_id"))
            .agg(pl.len().alias("orders"), pl.col("net_sales").sum())
        )
        is_existing = pl.col("first_order_at") < pl.col("started_at")
        is_first = pl.col("session_id") == pl.col("__first_session")
        return (
            self.visits.join(first_visit, on="visitor_id", how="left")
            .join(first_order, on="customer_id", how="left")
            .join(placed, on="session_id", how="left")
            .with_columns(
                pl.when(is_first).then(pl.lit("new")).otherwise(pl.lit("returning"))
                .alias("visitor_type"),
                pl.when(is_existing).then(pl.lit("existing")).otherwise(pl.lit("prospect"))
                .alias("customer_type"),
                pl.col("orders").fill_null(0).cast(pl.Int64),
                pl.col("net_sales").fill_null(0),
                pl.col("visitor_id").rank("dense").alias("visitor"),
            )
            .drop("__first_session", "first_order_at")
        )  # fmt: skip

    # ---- orders ------------------------------------------------------------------------------

    @cached_property
    def base_orders(self) -> pl.DataFrame:
        """Every accepted order: validity, rate of its day, day, visit; no segments yet."""
        testers = self.table("customers").filter(pl.col("is_test").fill_null(False))["customer_id"]
        orders = self.table("orders").with_columns(self.day("ordered_at").alias("day"))
        orders = self.raw.rates.lookup(orders, "currency", "day", "rate")
        visits = self.visits.select(
            pl.col("session_id"), pl.col("session_id").alias("visit_id"), "visitor_id",
            "channel", "device_type",
        )  # fmt: skip
        of_tester = pl.col("customer_id").is_in(testers.implode()).fill_null(False)
        is_valid = (
            pl.col("status").is_in(VALID_STATUSES)
            & ~pl.col("is_test").fill_null(False)
            & ~of_tester
        )
        return orders.with_columns(is_valid.alias("is_valid")).join(
            visits, on="session_id", how="left"
        )

    @cached_property
    def base_items(self) -> pl.DataFrame:
        """Lines of every accepted order, in the reporting currency.

        `unit_cost` is null where unknown: the line's own in the order's currency, else the
        product's in the product's, both at the order's day (rulings 5 and 6, decision 4).
        """
        orders = self.base_orders.select("order_id", "is_valid", "day", "rate")
        products = self.table("products").select(
            "product_id", "category", "brand", pl.col("unit_cost").alias("product_cost"),
            pl.col("currency").alias("product_currency"),
        )  # fmt: skip
        items = (
            self.table("order_items")
            .join(orders, on="order_id", how="inner")
            .join(products, on="product_id", how="left")
        )
        items = self.raw.rates.lookup(items, "product_currency", "day", "product_rate")
        items = items.with_columns(
            (pl.col("quantity").cast(pl.Int128) * pl.col("unit_price")).alias("gross_sales"),
            pl.col("discount_amount").fill_null(0).alias("discounts"),
        )
        items = convert(items, "rate", "gross_sales", "discounts", "unit_cost")
        items = convert(items, "product_rate", "product_cost")
        return items.select(
            "order_item_id", "order_id", "product_id", "is_valid", "day", "category", "brand",
            "quantity", "gross_sales", "discounts",
            (pl.col("gross_sales") - pl.col("discounts")).alias("net_sales"),
            pl.coalesce("unit_cost", "product_cost").alias("unit_cost"),
        ).with_columns((pl.col("quantity") * pl.col("unit_cost")).alias("cogs"))  # fmt: skip

    @cached_property
    def base_refunds(self) -> pl.DataFrame:
        """Refunds of valid orders, on the day they were made, at that day's rate (5, 7).

        `has_cost`: counts in the margin. `units` is 0 without a quantity; `cost_back` is the cost
        of the units returned, 0 without a line.
        """
        refunds = self.table("refunds").with_columns(self.day("refunded_at").alias("day"))
        refunds = self.raw.rates.lookup(refunds, "currency", "day", "rate")
        refunds = convert(refunds, "rate", "amount")
        orders = self.base_orders.filter("is_valid").select("order_id")
        lines = self.base_items.select("order_item_id", "category", "brand", "unit_cost")
        costed = (
            self.base_items.filter(pl.col("unit_cost").is_not_null())
            .select("order_id").unique().with_columns(pl.lit(True).alias("order_has_cost"))
        )  # fmt: skip
        has_line = pl.col("order_item_id").is_not_null()
        return (
            refunds.join(orders, on="order_id", how="inner")
            .join(lines, on="order_item_id", how="left")
            .join(costed, on="order_id", how="left")
            .with_columns(pl.col("quantity").fill_null(0).alias("units"))
            .select(
                "refund_id", "order_id", "order_item_id", "refunded_at", "day", "amount", "units",
                "category", "brand",
                pl.when(has_line).then(pl.col("unit_cost").is_not_null())
                .otherwise(pl.col("order_has_cost").fill_null(False)).alias("has_cost"),
                (pl.col("units") * pl.col("unit_cost")).fill_null(0).alias("cost_back"),
            )
        )  # fmt: skip

    @cached_property
    def order_sums(self) -> pl.DataFrame:
        """Sales, units and known categories of each order with lines."""
        return self.base_items.group_by("order_id").agg(
            pl.col("gross_sales").sum(),
            pl.col("discounts").sum(),
            pl.col("net_sales").sum(),
            pl.col("quantity").sum().alias("units"),
            pl.col("category").drop_nulls().n_unique().alias("categories"),
        )

    @cached_property
    def first_orders(self) -> pl.DataFrame:
        """The first valid order of each customer; ties: lowest order_id as text (ruling 16)."""
        return (
            self.base_orders.filter("is_valid", pl.col("customer_id").is_not_null())
            .sort("ordered_at", "order_id")
            .group_by("customer_id", maintain_order=True)
            .agg(
                pl.col("order_id").first().alias("first_order_id"),
                pl.col("ordered_at").first().alias("first_order_at"),
                pl.col("day").first().alias("first_order_on"),
                pl.col("day").last().alias("last_order_on"),
                pl.len().alias("orders"),
            )
        )

    # ---- touches -----------------------------------------------------------------------------

    def touches_of(self, orders: pl.DataFrame) -> pl.DataFrame:
        """Sessions that led to orders: the visitor's and the customer's, within the window (33).

        One row per order and session, in order of time, ties by session_id. `orders` needs
        order_id, customer_id, visit_id, visitor_id, ordered_at.
        """
        visits = self.visits.select("session_id", "visitor_id", "customer_id", "started_at")
        wanted = orders.select("order_id", "customer_id", "visit_id", "visitor_id", "ordered_at")
        same_visitor = wanted.filter(pl.col("visitor_id").is_not_null()).join(
            visits.drop("customer_id"), on="visitor_id", how="inner"
        )
        same_customer = wanted.filter(pl.col("customer_id").is_not_null()).join(
            visits.drop("visitor_id"), on="customer_id", how="inner"
        )
        columns = ["order_id", "visit_id", "ordered_at", "session_id", "started_at"]
        near = within_days(
            pl.col("ordered_at"), pl.col("started_at"), self.variable("attribution_window_days")
        )
        own = (pl.col("session_id") == pl.col("visit_id")).fill_null(False)
        return (
            pl.concat([same_visitor.select(columns), same_customer.select(columns)])
            .filter(near | own)
            .unique(["order_id", "session_id"])
            .join(self.visits.select("session_id", "channel"), on="session_id", how="left")
            .sort("order_id", "started_at", "session_id")
        )

    @staticmethod
    def last_non_direct(touches: pl.DataFrame) -> pl.DataFrame:
        """The last touch of each order that is not direct; direct where there is no other."""
        return touches.group_by("order_id", maintain_order=True).agg(
            pl.coalesce(
                pl.col("channel").filter(pl.col("channel") != "direct").last(), pl.lit("direct")
            ).alias("last_non_direct")
        )

    # ---- customers ---------------------------------------------------------------------------

    @cached_property
    def customers(self) -> pl.DataFrame:
        """Customers with a valid order: first and last order, acquisition, country, zone, RFM."""
        firsts = self.first_orders
        opening = self.base_orders.join(
            firsts.select(pl.col("first_order_id").alias("order_id")), on="order_id", how="semi"
        )
        source = self.last_non_direct(self.touches_of(opening)).select(
            pl.col("order_id").alias("first_order_id"),
            pl.col("last_non_direct").alias("acquisition_channel"),
        )
        homes = self.customer_homes
        customers = (
            firsts.join(source, on="first_order_id", how="left")
            .join(homes, on="customer_id", how="left")
            .with_columns(pl.col("first_order_on").dt.strftime("%Y-%m").alias("acquisition_cohort"))
        )
        return customers.join(self.rfm, on="customer_id", how="left")

    @cached_property
    def customer_homes(self) -> pl.DataFrame:
        """Country and zone of every accepted customer."""
        homes = self.table("customers").select("customer_id", "country_code", "region")
        return add_zone(homes, self.zones_seed, "country_code", "region").drop("region")

    @cached_property
    def rfm(self) -> pl.DataFrame:
        """RFM segment of each customer with a valid order, as of today (decision 15)."""
        refunded = self.base_refunds.group_by("order_id").agg(pl.col("amount").sum())
        spent = (
            self.base_orders.filter("is_valid", pl.col("customer_id").is_not_null())
            .join(self.order_sums, on="order_id", how="left")
            .join(refunded, on="order_id", how="left")
            .group_by("customer_id")
            .agg(
                pl.col("day").max().alias("last_on"),
                pl.len().alias("frequency"),
                (pl.col("net_sales").fill_null(0).sum() - pl.col("amount").fill_null(0).sum())
                .alias("monetary"),
            )
        )  # fmt: skip
        total = spent.height

        def score(column: str) -> pl.Expr:
            # rank("min") - 1 is the number of strictly smaller, hence strictly worse, values
            worse = pl.col(column).rank("min").cast(pl.Int64) - 1
            return 1 + (5 * worse) // total

        scored = spent.with_columns(
            score("last_on").alias("r"), score("frequency").alias("f"), score("monetary").alias("m")
        )
        return pl.DataFrame(
            [
                (row["customer_id"], rfm_segment(row["r"], (row["f"] + row["m"]) / 2))
                for row in scored.iter_rows(named=True)
            ],
            schema={"customer_id": pl.String, "rfm_segment": pl.String},
            orient="row",
        )

    # ---- shipments ---------------------------------------------------------------------------

    @cached_property
    def shipments(self) -> pl.DataFrame:
        """Shipments of valid orders with their own delivery segments (decision 13)."""
        shipments = self.table("shipments").join(
            self.base_orders.filter("is_valid").select("order_id"), on="order_id", how="semi"
        )
        shipments = add_zone(shipments, self.zones_seed, "country_code", "region").with_columns(
            self.day("shipped_at").alias("shipped_on"),
            self.day("delivered_at").alias("delivered_on"),
            pl.col("warehouse_id").alias("warehouse"),
        )
        shipments = self.raw.rates.lookup(shipments, "currency", "shipped_on", "rate")
        shipments = convert(shipments, "rate", "shipping_cost")
        of_order = self.orders.select("order_id", "channel", "acquisition_cohort")
        return shipments.join(of_order, on="order_id", how="left")

    @cached_property
    def order_shipment(self) -> pl.DataFrame:
        """Of each order the shipment that lends it carrier, mode, zone and warehouse (20)."""
        shipments = add_zone(
            self.table("shipments"), self.zones_seed, "country_code", "region", "shipment_zone"
        )
        return (
            shipments.sort(
                "delivered_at", "shipped_at", "shipment_id",
                descending=[True, True, False], nulls_last=True,
            )
            .unique("order_id", keep="first", maintain_order=True)
            .select(
                "order_id", "carrier", "delivery_mode", "shipment_zone",
                pl.col("country_code").alias("shipment_country"),
                pl.col("warehouse_id").alias("warehouse"),
            )
        )  # fmt: skip

    @cached_property
    def order_delivery(self) -> pl.DataFrame:
        """Valid orders with shipments: when all were shipped and delivered, and how."""
        return self.shipments.group_by("order_id").agg(
            pl.len().alias("parcels"),
            pl.col("shipped_at").count().alias("shipped"),
            pl.col("delivered_at").count().alias("delivered"),
            pl.col("promised_on").count().alias("promised"),
            (pl.col("delivered_on") <= pl.col("promised_on")).sum().alias("on_time"),
            pl.col("shipped_at").max().alias("last_shipped_at"),
            pl.col("delivered_at").min().alias("first_delivered_at"),
            pl.col("delivered_at").max().alias("last_delivered_at"),
        )

    # ---- orders with segments ----------------------------------------------------------------

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Every accepted order with money, validity and all order and delivery segments."""
        people = self.customers.select(
            "customer_id", "first_order_id", "acquisition_channel", "acquisition_cohort",
            "rfm_segment",
        )  # fmt: skip
        orders = (
            self.base_orders.join(self.order_sums, on="order_id", how="left")
            .join(people, on="customer_id", how="left")
            .join(self.order_shipment, on="order_id", how="left")
        )
        orders = add_zone(orders, self.zones_seed, "country_code", name="order_zone")
        fee = pl.col("shipping_amount") - pl.col("shipping_discount_amount").fill_null(0)
        has_promotion = pl.col("promotion_code").is_not_null() | (pl.col("discounts") > 0)
        return orders.with_columns(
            pl.col("gross_sales", "discounts", "net_sales", "units", "categories").fill_null(0),
            # decision 13: the shipment's country, where it says one, goes before the order's
            pl.when(pl.col("shipment_country").is_null()).then("order_zone")
            .otherwise("shipment_zone").alias("zone"),
            pl.when(pl.col("customer_id").is_null()).then(pl.lit("guest"))
            .when(pl.col("order_id") == pl.col("first_order_id")).then(pl.lit("new"))
            .otherwise(pl.lit("returning")).alias("customer_type"),
            pl.when(has_promotion.fill_null(False)).then(pl.lit("with_promotion"))
            .otherwise(pl.lit("without_promotion")).alias("promotion"),
            pl.when(fee.is_null()).then(pl.lit("unknown"))
            .when(fee <= 0).then(pl.lit("free")).otherwise(pl.lit("paid")).alias("shipping_fee"),
            pl.coalesce("paid_at", "ordered_at").alias("start_at"),
        ).with_columns(pl.col(ORDER_SEGMENTS).fill_null("unknown"))  # fmt: skip

    @cached_property
    def valid_orders(self) -> pl.DataFrame:
        """Orders that count."""
        return self.orders.filter("is_valid")

    @cached_property
    def items(self) -> pl.DataFrame:
        """Lines of valid orders with their order's segments, category and brand."""
        of_order = self.valid_orders.select("order_id", "customer_id", *ORDER_SEGMENTS)
        return (
            self.base_items.filter("is_valid")
            .join(of_order, on="order_id", how="left")
            .with_columns(pl.col("category", "brand").fill_null("unknown"))
        )

    @cached_property
    def refunds(self) -> pl.DataFrame:
        """Refunds of valid orders with their order's segments, category and brand."""
        of_order = self.valid_orders.select(
            "order_id", "customer_id", pl.col("day").alias("order_day"), *ORDER_SEGMENTS
        )
        return self.base_refunds.join(of_order, on="order_id", how="left").with_columns(
            pl.col("category", "brand").fill_null("unknown")
        )

    @cached_property
    def spend(self) -> pl.DataFrame:
        """Advertising spend by day, platform, campaign and country."""
        spend = self.raw.rates.lookup(self.table("ad_spend"), "currency", "spend_date", "rate")
        return convert(spend, "rate", "cost", "platform_conversion_value")

    @cached_property
    def events(self) -> pl.DataFrame:
        """Events of sessions that are not bots', amounts converted at the event's day."""
        events = self.table("session_events").join(
            self.visits.select("session_id"), on="session_id", how="semi"
        )
        events = events.with_columns(self.day("event_at").alias("day"))
        events = self.raw.rates.lookup(events, "currency", "day", "rate")
        return convert(events, "rate", "value", "shipping_quote_amount")


def rfm_segment(r: int, fm: float) -> str:
    """The named RFM segment of a recency score and the mean of the two others (decision 15)."""
    if r >= 4:
        if fm >= 4:
            return "champions"
        if fm >= 2.5:
            return "potential_loyalists"
        return "new_customers" if r == 5 else "promising"
    if r == 3:
        if fm >= 4:
            return "loyal_customers"
        return "need_attention" if fm >= 2.5 else "about_to_sleep"
    if fm >= 4:
        return "cannot_lose_them" if r == 1 else "at_risk"
    if fm >= 2.5:
        return "at_risk"
    return "hibernating" if r == 2 else "lost"
