"""What goes wrong on the way to the warehouse: rows sent twice, updates, broken rows of all kinds.

Broken rows are additional rows with keys of their own, or newer copies of good rows. A reader has
to reject them. Each is counted with the rules that it breaks, in the spelling of the accounting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.generate import contract
from harness.generate.contract import TABLES
from harness.generate.frames import stream
from harness.generate.write import Sink

Row = dict[str, Any]

TWICE = 0.012  # share of rows sent twice, identical
UPDATED = 0.006  # share of rows whose older copy is there as well

# For tables with updates: what the older copy said instead.
OLDER: dict[str, dict[str, object]] = {
    "customers": {"city": None},
    "products": {"subcategory": None},
    "orders": {"status": "paid", "cancelled_at": None},
    "order_items": {"unit_cost": None},
    "refunds": {"quantity": None},
    "sessions": {"customer_id": None, "ended_at": None},
    "ad_spend": {"platform_conversions": None},
    "shipments": {"status": "packed", "shipped_at": None, "delivered_at": None},
    "surveys": {"responded_at": None, "score": None},
    "tickets": {"resolved_at": None},
    "inventory_snapshots": {"on_hand": 0},
    "messages": {"clicked_at": None, "opened_at": None},
    "leads": {"qualified_at": None, "converted_at": None, "lost_at": None, "customer_id": None},
    "pages": {"title": None},
}
INVENTORY_SHARE = 0.02  # of the shares above: stock is many rows


class Dirt:
    """Adds the dirt of one data set and keeps samples of good rows to break copies of."""

    def __init__(self, sink: Sink, seed: int) -> None:
        self.sink = sink
        self.seed = seed
        self.samples: dict[str, list[Row]] = {}

    def write(self, name: str, rows: pa.Table, block: int = 0) -> None:
        """Write clean rows, some of them twice, some with an older copy before them."""
        rng = stream(self.seed, f"dirt {name}", block)
        count = self.sink.counts[name]
        share = INVENTORY_SHARE if name == "inventory_snapshots" else 1.0
        size = rows.num_rows
        count.accepted += size
        twice = max(round(size * TWICE * share), 0 if block else 2)
        again = np.sort(rng.permutation(size)[:twice])
        parts = [rows, rows.take(again)]
        if name in OLDER:
            chosen = np.flatnonzero(rng.random(size) < UPDATED * share)
            parts.append(_older(name, rows.take(chosen)))
        whole = pa.concat_tables(parts)
        count.superseded += whole.num_rows - size
        self.sink.write(name, whole.combine_chunks())
        if len(self.samples.setdefault(name, [])) < 400:
            picks = np.sort(rng.permutation(size)[:400])
            self.samples[name] += rows.take(picks).to_pylist()

    def finish(self) -> None:
        """Write the broken rows, once a data set."""
        broken = Broken(self.samples, stream(self.seed, "broken"))
        for name, made in broken.rows.items():
            rows = [row for row, _ in made]
            self.sink.write(name, pa.Table.from_pylist(rows, schema=contract.file_schema(name)))
            count = self.sink.counts[name]
            count.rejected += len(made)
            for _, reasons in made:
                count.rules.update(reasons)


def _older(name: str, rows: pa.Table) -> pa.Table:
    """The rows as they were a load earlier."""
    for column, value in OLDER[name].items():
        place = rows.schema.get_field_index(column)
        kind = rows.schema.field(column).type
        values = pa.array([value] * rows.num_rows, kind)
        rows = rows.set_column(place, rows.schema.field(column), values)
    place = rows.schema.get_field_index("loaded_at")
    loaded = rows.column("loaded_at")
    text = pa.types.is_string(loaded.type)
    earlier = pc.subtract(
        loaded.cast(pa.timestamp("ms")), pa.scalar(timedelta(days=1), pa.duration("ms"))
    )
    if text:
        earlier = earlier.cast(pa.timestamp("s")).cast(pa.string())
    return rows.set_column(place, rows.schema.field("loaded_at"), earlier)


class Broken:
    """The broken rows of every table with the rules they break."""

    def __init__(self, samples: dict[str, list[Row]], rng: np.random.Generator) -> None:
        self.samples = samples
        self.rng = rng
        self.rows: dict[str, list[tuple[Row, list[str]]]] = {name: [] for name in TABLES}
        self.number = 0
        self._orders_and_children()
        self._catalogue()
        self._visits()
        self._money()
        self._service()
        self._copies()

    def _base(self, name: str, good: Callable[[Row], bool] = lambda row: True) -> Row:
        pool = [row for row in self.samples[name] if good(row)]
        return dict(pool[int(self.rng.integers(len(pool)))])

    def _key(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}X{self.number:05d}"

    def add(
        self,
        name: str,
        times: int,
        reasons: str | list[str],
        good: Callable[[Row], bool] = lambda row: True,
        **changes: object,
    ) -> list[Row]:
        """Add rows like good ones, with keys of their own and changes; callables get the row."""
        made = []
        key = next(iter(TABLES[name]))
        for _ in range(times):
            row = self._base(name, good)
            if name not in (
                "inventory_snapshots",
                "ad_spend",
                "fx_rates",
                "experiment_assignments",
                "pages",
            ):
                row[key] = self._key(str(row[key])[0])
            for column, value in changes.items():
                row[column] = value(row) if callable(value) else value
            self.rows[name].append((row, [reasons] if isinstance(reasons, str) else reasons))
            made.append(row)
        return made

    def _orders_and_children(self) -> None:
        add = self.add
        far = _too_late
        plain = _is(currency="EUR")
        bad = add("orders", 4, "not_accepted: status", plain, status="refunded")
        bad += add("orders", 2, "missing: ordered_at", plain, ordered_at=None)
        add("orders", 2, "missing: status", plain, status=None)
        add("orders", 2, "missing: currency", plain, currency=None)
        add("orders", 1, "missing: order_id", plain, order_id=None)
        add("orders", 1, "missing: loaded_at", plain, loaded_at=None)
        add("orders", 2, "check_failed: shipping_amount", plain, shipping_amount=Decimal("-4.90"))
        add(
            "orders",
            1,
            "check_failed: shipping_discount_amount",
            plain,
            shipping_discount_amount=Decimal("-1.00"),
        )
        add("orders", 2, "check_failed: tax_amount", plain, tax_amount=Decimal("-0.01"))
        add(
            "orders",
            1,
            ["not_accepted: status", "check_failed: tax_amount"],
            plain,
            status="?",
            tax_amount=Decimal("-9.00"),
        )
        bad += add("orders", 2, "in_the_future: ordered_at", plain, ordered_at=far)
        add("orders", 1, "in_the_future: ordered_at", plain, ordered_at=datetime(2031, 1, 1))
        add("orders", 1, "in_the_future: paid_at", plain, paid_at=_too_late)
        add("orders", 1, "in_the_future: cancelled_at", plain, cancelled_at=_too_late)
        bad += add("orders", 3, "no_rate: XXX", currency="XXX")
        bad += add("orders", 2, "no_rate: SEK", currency="SEK")
        for order in bad:
            theirs = {"order_id": order["order_id"]}
            items = add("order_items", 2, "no_parent: orders", **theirs)
            add(
                "refunds",
                1,
                ["no_parent: orders", "no_parent: order_items"],
                _is(currency="EUR"),
                order_item_id=items[0]["order_item_id"],
                **theirs,
            )
            add("shipments", 1, "no_parent: orders", **theirs)
            add("surveys", 1, "no_parent: orders", **theirs)
        add("tickets", 2, "no_parent: orders", order_id=bad[0]["order_id"])
        add("shipments", 2, "no_parent: orders", order_id="O-NONE")
        add(
            "refunds",
            2,
            "no_parent: orders",
            _is(currency="EUR"),
            order_id="O-NONE",
            order_item_id=None,
        )

        no_discount = {"discount_amount": None}
        add("order_items", 2, "missing: quantity", quantity=None, **no_discount)
        add("order_items", 2, "missing: unit_price", unit_price=None, **no_discount)
        add("order_items", 2, "missing: order_id", order_id=None)
        add("order_items", 1, "missing: product_id", product_id=None)
        zero = add("order_items", 3, "check_failed: quantity", quantity=0, **no_discount)
        add("order_items", 1, "check_failed: quantity", quantity=-1, **no_discount)
        add(
            "order_items", 2, "check_failed: unit_price", unit_price=Decimal("-3.00"), **no_discount
        )
        add("order_items", 2, "check_failed: discount_amount", discount_amount=Decimal("-1.00"))
        add("order_items", 1, "check_failed: unit_cost", unit_cost=Decimal("-2.50"))
        above = {
            "discount_amount": lambda row: row["quantity"] * row["unit_price"] + Decimal("0.01")
        }
        add("order_items", 4, "discount_above_line", **above)
        add("order_items", 3, "no_parent: orders", order_id="O-NONE")
        add("order_items", 3, "no_parent: products", product_id="P-NONE")
        for item in zero:
            add(
                "refunds",
                1,
                "no_parent: order_items",
                _is(currency="EUR"),
                order_id=item["order_id"],
                order_item_id=item["order_item_id"],
            )

        euro = _is(currency="EUR")
        add("refunds", 3, "check_failed: amount", euro, amount=Decimal("-12.00"))
        add("refunds", 2, "check_failed: quantity", euro, quantity=-1)
        add("refunds", 2, "missing: amount", euro, amount=None)
        add("refunds", 1, "missing: refunded_at", euro, refunded_at=None)
        add("refunds", 1, "missing: currency", euro, currency=None)
        add("refunds", 1, "missing: order_id", euro, order_id=None)
        add("refunds", 2, "in_the_future: refunded_at", euro, refunded_at=_too_late)
        add("refunds", 2, "no_rate: XXX", currency="XXX")

        add("shipments", 3, "not_accepted: status", status="teleported")
        add("shipments", 1, "missing: status", status=None)
        add("shipments", 2, "missing: order_id", order_id=None)
        add("shipments", 2, "check_failed: shipping_cost", euro, shipping_cost=Decimal("-5.00"))
        add("shipments", 2, "in_the_future: delivered_at", delivered_at=_too_late)
        add(
            "shipments",
            2,
            "no_rate: CHF",
            _has("shipped_at"),
            shipping_cost=Decimal("7.50"),
            currency="CHF",
        )

    def _catalogue(self) -> None:
        add = self.add
        bad = add("products", 2, "check_failed: list_price", list_price=Decimal("-5.00"))
        add("products", 1, "check_failed: unit_cost", unit_cost=Decimal("-1.00"))
        add("products", 1, "missing: product_id", product_id=None)
        add("products", 1, "missing: loaded_at", loaded_at=None)
        tests = [row["order_id"] for row in self.samples["orders"] if row["is_test"]]
        order = (
            tests[0]
            if tests
            else next(r["order_id"] for r in self.samples["orders"] if r["status"] == "cancelled")
        )
        add(
            "order_items", 2, "no_parent: products", product_id=bad[0]["product_id"], order_id=order
        )
        place = {"warehouse_id": "WH-TEST"}
        for i, product in enumerate((bad[0]["product_id"], bad[1]["product_id"], "P-NONE")):
            add(
                "inventory_snapshots",
                1,
                "no_parent: products",
                product_id=product,
                snapshot_date=date(2025, 3, 1 + i),
                loaded_at=datetime(2025, 3, 2 + i, 3),
                **place,
            )
        for i, (reason, changes) in enumerate(
            [
                ("check_failed: on_hand", {"on_hand": -4}),
                ("check_failed: on_hand", {"on_hand": -1}),
                ("check_failed: on_order", {"on_order": -6}),
                ("missing: on_hand", {"on_hand": None}),
                ("missing: on_hand", {"on_hand": None}),
                ("missing: warehouse_id", {"warehouse_id": None}),
                ("missing: snapshot_date", {"snapshot_date": None}),
                ("missing: product_id", {"product_id": None}),
                ("in_the_future: snapshot_date", {"snapshot_date": date(2025, 6, 20)}),
                ("in_the_future: snapshot_date", {"snapshot_date": date(2027, 1, 1)}),
            ]
        ):
            day = {"snapshot_date": date(2025, 4, 1 + i), "loaded_at": datetime(2025, 4, 2 + i, 3)}
            add("inventory_snapshots", 1, reason, **(place | day | changes))
        add(
            "pages",
            2,
            "not_accepted: page_type",
            page_type="blog",
            page_path=lambda _: "/x/" + self._key("p"),
        )
        add("pages", 1, "missing: page_type", page_type=None, page_path="/x/none")
        add("pages", 1, "missing: page_path", page_path=None)
        add(
            "pages",
            1,
            "in_the_future: published_on",
            published_on=date(2031, 5, 1),
            page_path="/x/future",
        )
        weekend = [date(2024, 3, 2), date(2024, 3, 3), date(2025, 3, 1)]
        for day, rate in zip(weekend, ("0", "-1.1", "0"), strict=True):
            add(
                "fx_rates",
                1,
                "check_failed: rate",
                rate_date=day,
                rate=Decimal(rate),
                loaded_at=datetime(2025, 3, 9, 3),
            )
        add(
            "fx_rates",
            1,
            "missing: rate",
            rate_date=date(2024, 6, 1),
            rate=None,
            loaded_at=datetime(2024, 6, 9, 3),
        )
        add(
            "fx_rates",
            1,
            "missing: to_currency",
            rate_date=date(2024, 6, 2),
            to_currency=None,
            loaded_at=datetime(2024, 6, 9, 3),
        )
        add(
            "fx_rates",
            1,
            "in_the_future: rate_date",
            rate_date=date(2026, 5, 1),
            loaded_at=datetime(2025, 6, 9, 3),
        )

    def _visits(self) -> None:
        add = self.add
        bad = add("sessions", 3, "missing: visitor_id", visitor_id=None)
        bad += add("sessions", 3, "not_accepted: device_type", device_type="smart_tv")
        add("sessions", 2, "missing: started_at", started_at=None)
        add("sessions", 1, "missing: session_id", session_id=None)
        add("sessions", 2, "in_the_future: started_at", started_at=_too_late, ended_at=None)
        add("sessions", 1, "in_the_future: ended_at", ended_at=_too_late)
        views = _is(event_name="page_view")
        for session in bad:
            add("session_events", 4, "no_parent: sessions", views, session_id=session["session_id"])
        add("session_events", 5, "no_parent: sessions", views, session_id="S-NONE")
        add("session_events", 4, "not_accepted: event_name", views, event_name="purchse")
        add("session_events", 3, "not_accepted: event_name", views, event_name="add_to_wishlist")
        add("session_events", 3, "missing: event_at", views, event_at=None)
        add("session_events", 2, "missing: event_name", views, event_name=None)
        add("session_events", 2, "missing: session_id", views, session_id=None)
        add(
            "session_events",
            3,
            "check_failed: engagement_seconds",
            views,
            engagement_seconds=Decimal("-3.0"),
        )
        add("session_events", 3, "in_the_future: event_at", views, event_at=_too_late)
        add("session_events", 2, "no_rate: JPY", views, value=Decimal("900.00"), currency="JPY")
        add(
            "experiment_assignments",
            2,
            "missing: variant",
            variant=None,
            visitor_id=lambda _: self._key("V"),
        )
        add("experiment_assignments", 2, "missing: visitor_id", visitor_id=None)
        add("experiment_assignments", 1, "missing: experiment_id", experiment_id=None)
        add(
            "experiment_assignments",
            1,
            "missing: assigned_at",
            assigned_at=None,
            visitor_id=lambda _: self._key("V"),
        )
        add(
            "experiment_assignments",
            2,
            "in_the_future: assigned_at",
            assigned_at=_too_late,
            visitor_id=lambda _: self._key("V"),
        )

    def _money(self) -> None:
        add = self.add
        own = {"campaign_id": lambda _: self._key("BAD-")}
        add("ad_spend", 2, "missing: cost", cost=None, **own)
        add("ad_spend", 1, "missing: platform", platform=None, **own)
        add("ad_spend", 1, "missing: campaign_id", campaign_id=None)
        add("ad_spend", 1, "missing: spend_date", spend_date=None, **own)
        add("ad_spend", 3, "not_accepted: channel", channel="print", **own)
        add("ad_spend", 2, "check_failed: cost", cost=Decimal("-10.00"), **own)
        add("ad_spend", 1, "check_failed: impressions", impressions=-5, **own)
        add("ad_spend", 1, "check_failed: clicks", clicks=-1, **own)
        add("ad_spend", 3, "no_rate: USD", currency="USD", **own)
        add(
            "ad_spend",
            2,
            "in_the_future: spend_date",
            spend_date=lambda row: row["spend_date"] + timedelta(days=30),
            **own,
        )
        add("customers", 2, "missing: customer_id", customer_id=None)
        add("customers", 2, "missing: created_at", created_at=None)
        add("customers", 2, "in_the_future: created_at", created_at=_too_late)
        add("customers", 1, "missing: loaded_at", loaded_at=None)

    def _service(self) -> None:
        add = self.add
        nps, csat = {"survey_type": "nps"}, {"survey_type": "csat"}
        whole = _has("responded_at")
        for score in ("ten", "n/a", "7.5"):
            add("surveys", 2, "not_a_integer: score", whole, score=score, **nps)
        add("surveys", 3, "not_a_timestamp: responded_at", responded_at="2025-13-45", score=None)
        add("surveys", 1, "not_a_timestamp: sent_at", sent_at="yesterday")
        for score, kind in (("11", nps), ("-1", nps), ("0", csat), ("7", csat)):
            add("surveys", 1, "score_out_of_range", score=score, **kind)
        add("surveys", 3, "not_accepted: survey_type", survey_type="ces", score=None)
        add("surveys", 1, "missing: survey_type", survey_type=None, score=None)
        add("surveys", 1, "missing: survey_id", survey_id=None)
        add("surveys", 2, "in_the_future: responded_at", whole, responded_at=_too_late)
        add("surveys", 2, "no_parent: orders", order_id="O-NONE")
        add("tickets", 3, "not_accepted: ticket_type", ticket_type="rant")
        add("tickets", 1, "missing: ticket_type", ticket_type=None)
        add("tickets", 2, "missing: opened_at", opened_at=None)
        add("tickets", 2, "in_the_future: resolved_at", resolved_at=_too_late)
        add("messages", 3, "not_accepted: message_type", message_type="spam")
        add("messages", 3, "not_accepted: channel", channel="fax")
        add("messages", 2, "missing: sent_at", sent_at=None)
        add("messages", 1, "missing: message_id", message_id=None)
        add("messages", 2, "in_the_future: opened_at", opened_at=_too_late)
        add("leads", 3, "not_a_timestamp: created_at", created_at="2025-13-45")
        add("leads", 1, "not_a_timestamp: qualified_at", qualified_at="soon")
        for value in ("n/a", "ten"):
            add("leads", 2, "not_a_decimal: value", value=value, currency="EUR")
        add("leads", 2, "missing: created_at", created_at=None)
        add("leads", 1, "missing: lead_id", lead_id=None)
        add("leads", 2, "in_the_future: converted_at", converted_at=_too_late)
        add("leads", 2, "no_rate: XXX", value="1200.00", currency="XXX")

    def _copies(self) -> None:
        """Newer copies that are broken, over good older ones; and broken rows sent twice."""
        wrong: list[tuple[str, int, str, dict[str, object]]] = [
            ("customers", 5, "missing: created_at", {"created_at": None}),
            ("products", 3, "check_failed: list_price", {"list_price": Decimal("-1.00")}),
            ("orders", 12, "not_accepted: status", {"status": "unknown"}),
            ("order_items", 10, "check_failed: quantity", {"quantity": 0, "discount_amount": None}),
            ("refunds", 3, "check_failed: amount", {"amount": Decimal("-1.00")}),
            ("sessions", 10, "missing: visitor_id", {"visitor_id": None}),
            ("session_events", 10, "not_accepted: event_name", {"event_name": "null"}),
            ("ad_spend", 3, "check_failed: cost", {"cost": Decimal("-1.00")}),
            ("shipments", 6, "not_accepted: status", {"status": "?"}),
            ("surveys", 6, "not_a_integer: score", {"score": "n/a"}),
            ("tickets", 4, "not_accepted: ticket_type", {"ticket_type": "?"}),
            ("inventory_snapshots", 5, "check_failed: on_hand", {"on_hand": -1}),
            ("experiment_assignments", 2, "missing: assigned_at", {"assigned_at": None}),
            ("messages", 4, "not_accepted: channel", {"channel": "?"}),
            ("leads", 4, "not_a_decimal: value", {"value": "ten"}),
            ("pages", 2, "not_accepted: page_type", {"page_type": "?"}),
            ("fx_rates", 2, "check_failed: rate", {"rate": Decimal("0")}),
        ]
        for name, times, reason, changes in wrong:
            pool = self.samples[name]
            for i in self.rng.permutation(len(pool))[:times]:
                row = dict(pool[int(i)]) | changes
                row["loaded_at"] = _shift(row["loaded_at"], 2)
                self.rows[name].append((row, [reason]))
        for name in ("orders", "session_events", "surveys"):
            row, reasons = self.rows[name][0]
            self.rows[name].append((dict(row), list(reasons)))


def _is(**wanted: object) -> Callable[[Row], bool]:
    return lambda row: all(row[column] == value for column, value in wanted.items())


def _has(column: str) -> Callable[[Row], bool]:
    return lambda row: row[column] is not None


def _shift(moment: datetime | str, days: int) -> datetime | str:
    if isinstance(moment, str):
        return str(datetime.fromisoformat(moment) + timedelta(days=days))
    return moment + timedelta(days=days)


def _too_late(row: Row) -> datetime | str:
    """Three days after the row was loaded: not possible for something that has happened."""
    return _shift(row["loaded_at"], 3)
