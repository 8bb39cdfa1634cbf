"""The rows of a block's tables, as real exports are: nulls here and there, loads at night."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.generate import baskets, channels, crm, events, fulfilment, journeys, people, timeline
from harness.generate.build import Block
from harness.generate.catalogue import (
    COUNTRIES,
    FILES,
    FORMS,
    GB,
    PLACE_CITY,
    PLACE_COUNTRY,
    PLACE_POSTAL,
    PLACE_REGION,
    WAREHOUSES,
)
from harness.generate.frames import DAY, HOUR, NA, Codes, Ids
from harness.generate.timeline import loaded_after

PAYMENTS = ["card", "paypal", "klarna", "bancontact", "bank_transfer"]
EUR_GBP = ["EUR", "GBP"]
NAMES = ["claire.martin", "jan.peeters"]
TERMS = ["pans", "knives", "garden lamp", "towels", "barbecue"]
CONTENTS = ["carousel", "story", "static"]

Columns = dict[str, object]


def tables(block: Block) -> Iterator[tuple[str, Columns]]:
    """Name and columns of each table of the block."""
    yield "customers", _customers(block)
    yield "orders", _orders(block)
    yield "order_items", _items(block)
    yield "refunds", _refunds(block)
    yield "sessions", _sessions(block)
    yield "session_events", _events(block)
    yield "shipments", _shipments(block)
    yield "surveys", _surveys(block)
    yield "tickets", _tickets(block)
    yield "messages", _messages(block)
    yield "leads", _leads(block)
    yield "experiment_assignments", _assignments(block)


def _some(block: Block, codes: np.ndarray, share: float) -> np.ndarray:
    """Codes, a share of them null."""
    return np.where(block.rng.random(len(codes)) < share, -1, codes)


def _flags(block: Block, flags: np.ndarray, unknown: float) -> np.ndarray:
    """1 where set, else 0, or null for a share."""
    return np.where(flags, 1, _some(block, np.zeros(len(flags), dtype=np.int64), unknown))


def _postal(place: np.ndarray, number: np.ndarray) -> list[str]:
    return [
        f"ZZ{PLACE_POSTAL[p]}{n:03d}" for p, n in zip(place.tolist(), number.tolist(), strict=True)
    ]


def _customers(block: Block) -> Columns:
    rng = block.rng
    number = np.setdiff1d(np.arange(len(block.owners)), block.hidden)
    persons = block.owners[number]
    place, created = block.crowd.place[persons], block.crowd.customer[persons]
    size = len(persons)
    ids = block.name.ids("customer", number)
    mail = [
        None if empty else f"{NAMES[n % 2]}{n:06d}@example.{'org' if n % 3 else 'com'}"
        for empty, n in zip(rng.random(size) < 0.006, ids.numbers.tolist(), strict=True)
    ]
    nowhere = rng.random(size) < 0.01
    return {
        "customer_id": ids,
        "email": mail,
        "created_at": created,
        "country_code": Codes(np.where(nowhere, -1, PLACE_COUNTRY[place]), COUNTRIES),
        "region": Codes(place, PLACE_REGION),
        "city": Codes(np.where(nowhere, -1, place), PLACE_CITY),
        "postal_code": _postal(place, rng.integers(0, 1000, size)),
        "is_test": _flags(block, block.crowd.is_test[persons], 0.05),
        "loaded_at": loaded_after(rng, created),
    }


def _orders(block: Block) -> Columns:
    rng, kind, orders = block.rng, block.kind, block.crowd.orders
    tests = kind == people.TEST_ORDER
    tests |= (kind == people.TEST_CUSTOMER) & (rng.random(len(kind)) < 0.5)
    postal = rng.integers(0, 1000, len(block.crowd.place))
    changed = np.where(block.state["delivered"] != NA, block.state["delivered"], block.ordered)
    return {
        "order_id": block.name.ids("order", np.arange(len(kind))),
        "customer_id": block.name.ids("customer", block.owner),
        "session_id": block.name.ids("session", block.session_of_order),
        "ordered_at": block.ordered,
        "paid_at": block.paid,
        "cancelled_at": block.cancelled,
        "status": Codes(block.status, fulfilment.STATUSES),
        "sales_channel": Codes(_some(block, orders["channel"], 0.004), people.SALES_CHANNELS),
        "currency": Codes(block.basket.pounds, EUR_GBP),
        "shipping_amount": block.fee["fee"],
        "shipping_discount_amount": block.fee["fee_discount"],
        "tax_amount": block.fee["tax"],
        "promotion_code": Codes(block.basket.promotion, baskets.PROMOTIONS),
        "payment_method": Codes(block.fee["method"], PAYMENTS),
        "country_code": Codes(_some(block, block.land, 0.003), COUNTRIES),
        "postal_code": _postal(block.crowd.place[orders["person"]], postal[orders["person"]]),
        "is_test": _flags(block, tests, 0.03),
        "loaded_at": loaded_after(rng, block.ordered, block.paid, block.cancelled, changed),
    }


def _items(block: Block) -> Columns:
    basket = block.basket
    silent = (basket.discount == 0) & (basket.product % 3 > 0)
    return {
        "order_item_id": block.name.ids("item", np.arange(len(basket.order))),
        "order_id": block.name.ids("order", basket.order),
        "product_id": Ids("P", basket.product + 1, 3),
        "quantity": basket.quantity,
        "unit_price": basket.price,
        "discount_amount": np.where(silent, NA, basket.discount),
        "unit_cost": basket.cost,
        "loaded_at": loaded_after(block.rng, block.ordered[basket.order]),
    }


def _refunds(block: Block) -> Columns:
    back = block.refunds
    return {
        "refund_id": block.name.ids("refund", np.arange(len(back["order"]))),
        "order_id": block.name.ids("order", back["order"]),
        "order_item_id": block.name.ids("item", np.where(back["line"] < 0, NA, back["line"])),
        "refunded_at": back["time"],
        "amount": back["amount"],
        "quantity": back["quantity"],
        "reason": Codes(back["reason"], baskets.REFUND_REASONS),
        "currency": Codes(block.basket.pounds[back["order"]], EUR_GBP),
        "loaded_at": loaded_after(block.rng, back["time"]),
    }


def _sessions(block: Block) -> Columns:
    rng, sessions, happened = block.rng, block.crowd.sessions, block.happened
    person, tag = sessions["person"], sessions["tag"]
    size = len(person)
    bot = sessions["kind"] == people.BOT

    def marked(field: str) -> Codes:
        words = [getattr(t, field) for t in channels.TAGS]
        codes = np.where([word is None for word in words], -1, np.arange(len(words)))
        return Codes(np.where(bot, -1, codes[tag]), words)

    searched = np.array([t.channel == "paid_search" for t in channels.TAGS])[tag]
    term = np.where(searched & ~bot & (person % 4 == 0), person % 5, -1)
    shown = (channels.TAG_OPEN[tag] > 0.03) & (tag % 2 == 0) & ~bot
    ended = happened.end + np.where(sessions["start"] % 3 == 0, 0, 15)
    ended = np.where(rng.random(size) < 0.02, NA, np.minimum(ended, timeline.END - 1))
    land = np.where(bot, COUNTRIES.index("US"), _some(block, block.country[person], 0.006))
    return {
        "session_id": block.name.ids("session", np.arange(size)),
        "visitor_id": block.name.ids("visitor", sessions["visitor"]),
        "customer_id": block.name.ids(
            "customer", np.where(sessions["known"], block.customer[person], NA)
        ),
        "started_at": sessions["start"],
        "ended_at": ended,
        "device_type": Codes(_some(block, sessions["device"], 0.005), journeys.DEVICES),
        "country_code": Codes(land, COUNTRIES),
        "landing_page": Codes(_some(block, happened.landing, 0.004), block.pages.paths),
        "referrer_host": marked("referrer"),
        "utm_source": marked("source"),
        "utm_medium": marked("medium"),
        "utm_campaign": marked("campaign"),
        "utm_content": Codes(np.where(shown, person % 3, -1), CONTENTS),
        "utm_term": Codes(term, TERMS),
        "is_bot": sessions["bot"],
        "loaded_at": loaded_after(rng, happened.end),
    }


def _events(block: Block) -> Columns:
    rng, rows, sessions = block.rng, block.happened.rows, block.crowd.sessions
    count = len(sessions["start"])
    pounds = (block.country[sessions["person"]] == GB)[rows["session"]]
    stated = (rows["value"] != NA) | ((rows["quote"] != NA) & pounds)
    late = np.where(rng.random(count) < 0.006, rng.integers(2, 6, count), 0)
    loaded = (block.happened.end // DAY + 1 + late) * DAY + timeline.LOAD_HOUR * HOUR

    def words(column: str, of: list[str]) -> Codes:
        return Codes(np.where(rows[column] == NA, -1, rows[column]), of)

    return {
        "event_id": block.name.ids("event", np.arange(len(rows["time"]))),
        "session_id": block.name.ids("session", rows["session"]),
        "event_at": rows["time"],
        "event_name": Codes(rows["name"], events.NAMES),
        "page_path": words("page", block.pages.paths),
        "product_id": Ids("P", np.where(rows["product"] == NA, NA, rows["product"] + 1), 3),
        "quantity": rows["quantity"],
        "value": rows["value"],
        "currency": Codes(np.where(stated, pounds, -1), EUR_GBP),
        "order_id": block.name.ids("order", rows["order"]),
        "form_id": words("form", FORMS),
        "file_name": words("file", FILES),
        "engagement_seconds": rows["engaged"],
        "shipping_quote_amount": rows["quote"],
        "delivery_options_count": rows["options"],
        "error_code": words("error", events.ERRORS),
        "loaded_at": loaded[rows["session"]],
    }


def _shipments(block: Block) -> Columns:
    parcels = block.parcels
    place = block.crowd.place[block.crowd.orders["person"][parcels["order"]]]
    stages = ("released", "picked", "packed", "shipped", "delivered")
    ordered = block.ordered[parcels["order"]]
    silent = (parcels["cost"] == NA) & ~parcels["pounds"]
    return {
        "shipment_id": block.name.ids("shipment", np.arange(len(place))),
        "order_id": block.name.ids("order", parcels["order"]),
        "warehouse_id": Codes(_some(block, parcels["warehouse"], 0.003), WAREHOUSES),
        "carrier": Codes(parcels["carrier"], fulfilment.CARRIERS),
        "delivery_mode": Codes(_some(block, parcels["mode"], 0.004), baskets.MODES),
        "country_code": Codes(parcels["country"], COUNTRIES),
        "region": Codes(place, PLACE_REGION),
        "released_at": parcels["released"],
        "picked_at": parcels["picked"],
        "packed_at": parcels["packed"],
        "shipped_at": parcels["shipped"],
        "promised_on": parcels["promised"],
        "delivered_at": parcels["delivered"],
        "status": Codes(parcels["status"], fulfilment.PARCEL),
        "shipping_cost": parcels["cost"],
        "currency": Codes(np.where(silent, -1, parcels["pounds"]), EUR_GBP),
        "loaded_at": loaded_after(block.rng, ordered, *(parcels[stage] for stage in stages)),
    }


def _surveys(block: Block) -> Columns:
    asked = block.surveys
    return {
        "survey_id": block.name.ids("survey", np.arange(len(asked["sent"]))),
        "order_id": block.name.ids("order", asked["order"]),
        "customer_id": block.name.ids("customer", asked["customer"]),
        "survey_type": Codes(asked["type"], ["nps", "csat"]),
        "sent_at": asked["sent"],
        "responded_at": asked["responded"],
        "score": asked["score"],
        "loaded_at": loaded_after(block.rng, asked["sent"], asked["responded"]),
    }


def _tickets(block: Block) -> Columns:
    told = block.tickets
    return {
        "ticket_id": block.name.ids("ticket", np.arange(len(told["opened"]))),
        "order_id": block.name.ids("order", told["order"]),
        "customer_id": block.name.ids("customer", told["customer"]),
        "visitor_id": block.name.ids("visitor", told["visitor"]),
        "contact_channel": Codes(told["contact"], fulfilment.CONTACTS),
        "ticket_type": Codes(told["type"], fulfilment.TICKET_TYPES),
        "topic": Codes(told["topic"], fulfilment.TOPICS),
        "opened_at": told["opened"],
        "first_response_at": told["answered"],
        "resolved_at": told["resolved"],
        "loaded_at": loaded_after(block.rng, told["opened"], told["answered"], told["resolved"]),
    }


def _messages(block: Block) -> Columns:
    sent = block.messages
    return {
        "message_id": block.name.ids("message", np.arange(len(sent["sent"]))),
        "customer_id": block.name.ids("customer", sent["customer"]),
        "visitor_id": block.name.ids("visitor", sent["visitor"]),
        "message_type": Codes(sent["type"], crm.MESSAGE_TYPES),
        "channel": Codes(sent["channel"], crm.MESSAGE_CHANNELS),
        "sent_at": sent["sent"],
        "opened_at": sent["opened"],
        "clicked_at": sent["clicked"],
        "loaded_at": loaded_after(block.rng, sent["sent"], sent["opened"], sent["clicked"]),
    }


def _leads(block: Block) -> Columns:
    lead = block.leads
    stages = [lead[stage] for stage in ("created", "qualified", "converted", "lost")]
    return {
        "lead_id": block.name.ids("lead", np.arange(len(lead["created"]))),
        "visitor_id": block.name.ids("visitor", lead["visitor"]),
        "session_id": block.name.ids("session", lead["session"]),
        "customer_id": block.name.ids("customer", lead["customer"]),
        "form_id": Codes(lead["form"], FORMS),
        "channel": Codes(lead["channel"], crm.CRM_CHANNELS),
        "created_at": lead["created"],
        "qualified_at": lead["qualified"],
        "converted_at": lead["converted"],
        "lost_at": lead["lost"],
        "value": lead["value"],
        "currency": Codes(lead["currency"], EUR_GBP),
        "loaded_at": loaded_after(block.rng, *stages),
    }


def _assignments(block: Block) -> Columns:
    seen = block.crowd.assignments
    return {
        "experiment_id": Codes(seen["experiment"], [row[0] for row in journeys.EXPERIMENTS]),
        "visitor_id": block.name.ids("visitor", seen["visitor"]),
        "variant": Codes(seen["treated"], ["control", "treatment"]),
        "assigned_at": seen["time"],
        "loaded_at": loaded_after(block.rng, seen["time"]),
    }
