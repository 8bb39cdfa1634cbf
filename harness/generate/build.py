"""One block of the shop after the other, into the files."""

from __future__ import annotations

import math

import numpy as np

from harness.generate import baskets, channels, crm, dirt, events, fulfilment, people, spend, timeline
from harness.generate.catalogue import (
    COUNTRIES, FILES, FORMS, GB, PLACE_CITY, PLACE_COUNTRY, PLACE_POSTAL, PLACE_REGION, WAREHOUSES,
    Catalogue, Pages,
)  # fmt: skip
from harness.generate.frames import DAY, HOUR, NA, Codes, Ids, arrow_table, stream
from harness.generate.timeline import loaded_after
from harness.generate.truth import Truth, distinct_by_month

BLOCK = 17_000  # prospects a block
# Identifiers a block may use; a block's numbers depend on its position alone.
ROOM = {
    "customer": 4_000, "visitor": 40_000, "session": 80_000, "event": 400_000, "order": 8_000,
    "item": 25_000, "refund": 3_000, "shipment": 10_000, "survey": 10_000, "ticket": 6_000,
    "message": 30_000, "lead": 4_000,
}  # fmt: skip
PREFIX = {
    "customer": "C", "visitor": "V", "session": "S", "event": "E", "order": "O", "item": "L",
    "refund": "R", "shipment": "H", "survey": "Q", "ticket": "T", "message": "M", "lead": "D",
}  # fmt: skip
PAYMENTS = ["card", "paypal", "klarna", "bancontact", "bank_transfer"]
EUR_GBP = ["EUR", "GBP"]
METRES = 1_000_000  # a rate of one, in millionths


class Numbers:
    """Makes the identifiers of one block."""

    def __init__(self, block: int, blocks: int) -> None:
        self.block = block
        self.widths = {kind: max(7, int(math.log10(blocks * room)) + 1) for kind, room in ROOM.items()}

    def ids(self, kind: str, position: np.ndarray) -> Ids:
        """Identifiers for positions within the block; NA stays null."""
        position = np.asarray(position)
        if len(position) and position.max() >= ROOM[kind]:
            raise ValueError(f"block {self.block}: more than {ROOM[kind]} identifiers of {kind}")
        numbers = np.where(position == NA, NA, position + 1 + self.block * ROOM[kind])
        return Ids(PREFIX[kind], numbers, self.widths[kind])


def make_block(
    seed: int, block: int, blocks: int, size: int, shop: Catalogue, pages: Pages,
    rates: np.ndarray, truth: Truth, out: dirt.Dirt,
) -> None:  # fmt: skip
    """Simulate a block of `size` prospects and write all that belongs to them."""
    rng = stream(seed, "block", block)
    name = Numbers(block, blocks)
    crowd = people.make_people(seed, block, size)
    sessions, orders = crowd.sessions, crowd.orders
    country = PLACE_COUNTRY[crowd.place]
    month_of_day = timeline.months()
    truth.add_credit(crowd.credit, crowd.experiment)

    # customers
    owners = np.flatnonzero(crowd.customer != NA)
    owners = owners[np.argsort(crowd.customer[owners], kind="stable")]
    customer = np.full(len(crowd.customer), NA)
    customer[owners] = np.arange(len(owners))
    buyers = np.flatnonzero(crowd.first_order[owners] != NA)
    hidden = rng.permutation(buyers)[:4]
    listed = np.setdiff1d(np.arange(len(owners)), hidden)
    _customers(rng, name, crowd, owners[listed], listed, out, block)

    # orders, their lines, the sessions' events
    land = country[orders["person"]]
    basket = baskets.fill(rng, shop, orders, land, rates)
    fee = baskets.charges(rng, orders, basket, land)
    happened = events.make_events(rng, shop, pages, sessions, orders, basket, country, fee)
    ordered = np.where(happened.purchased != NA, happened.purchased, orders["time"])
    kind = orders["kind"]
    counts = baskets.is_valid(kind)
    paid, cancelled = fulfilment.payments(rng, kind, ordered, fee["method"])
    parcels = fulfilment.shipments(rng, kind, ordered, paid, land, fee["mode"], orders["channel"])
    state = fulfilment.by_order(parcels, len(ordered))
    status = fulfilment.statuses(kind, paid, state, ordered)
    paid = np.where((status == 2) | (status == 3), np.where(paid == NA, ordered + 60, paid), paid)
    owner = np.where((kind == people.GUEST), NA, customer[orders["person"]])
    joined = crowd.customer[orders["person"]]
    owner = np.where((joined != NA) & (ordered >= joined - 600), owner, NA)
    of_order = np.full(len(ordered), NA)
    linked = sessions["order"] >= 0
    of_order[sessions["order"][linked]] = np.flatnonzero(linked)
    visitor_of_order = np.full(len(ordered), NA)
    visitor_of_order[sessions["order"][linked]] = sessions["visitor"][linked]

    tests = (kind == people.TEST_ORDER) | ((kind == people.TEST_CUSTOMER) & (rng.random(len(kind)) < 0.5))
    postal = rng.integers(0, 1000, len(crowd.place))
    delivered_known = np.where(state["delivered"] != NA, state["delivered"], ordered)
    order_loaded = loaded_after(rng, ordered, paid, cancelled, delivered_known)
    out.write(
        "orders",
        arrow_table(
            "orders",
            {
                "order_id": name.ids("order", np.arange(len(ordered))),
                "customer_id": name.ids("customer", owner),
                "session_id": name.ids("session", of_order),
                "ordered_at": ordered, "paid_at": paid, "cancelled_at": cancelled,
                "status": Codes(status, fulfilment.STATUSES),
                "sales_channel": Codes(np.where(rng.random(len(kind)) < 0.004, -1, orders["channel"]), people.SALES_CHANNELS),
                "currency": Codes(basket.pounds, EUR_GBP),
                "shipping_amount": fee["fee"], "shipping_discount_amount": fee["fee_discount"],
                "tax_amount": fee["tax"],
                "promotion_code": Codes(basket.promotion, baskets.PROMOTIONS),
                "payment_method": Codes(fee["method"], PAYMENTS),
                "country_code": Codes(np.where(rng.random(len(kind)) < 0.003, -1, land), COUNTRIES),
                "postal_code": _postal(crowd.place[orders["person"]], postal[orders["person"]]),
                "is_test": np.where(tests, 1, np.where(rng.random(len(kind)) < 0.03, -1, 0)),
                "loaded_at": order_loaded,
            },
        ), block,
    )  # fmt: skip
    out.write(
        "order_items",
        arrow_table(
            "order_items",
            {
                "order_item_id": name.ids("item", np.arange(len(basket.order))),
                "order_id": name.ids("order", basket.order),
                "product_id": Ids("P", basket.product + 1, 3),
                "quantity": basket.quantity, "unit_price": basket.price,
                "discount_amount": np.where((basket.discount == 0) & (basket.product % 3 > 0), NA, basket.discount),
                "unit_cost": basket.cost,
                "loaded_at": loaded_after(rng, ordered[basket.order]),
            },
        ), block,
    )  # fmt: skip
    back = baskets.refunds(rng, kind, state["delivered"], ordered, basket)
    back_pounds = basket.pounds[back["order"]]
    out.write(
        "refunds",
        arrow_table(
            "refunds",
            {
                "refund_id": name.ids("refund", np.arange(len(back["order"]))),
                "order_id": name.ids("order", back["order"]),
                "order_item_id": name.ids("item", np.where(back["line"] < 0, NA, back["line"])),
                "refunded_at": back["time"], "amount": back["amount"], "quantity": back["quantity"],
                "reason": Codes(back["reason"], baskets.REFUND_REASONS),
                "currency": Codes(back_pounds, EUR_GBP),
                "loaded_at": loaded_after(rng, back["time"]),
            },
        ), block,
    )  # fmt: skip
    _sessions(rng, name, crowd, country, customer, happened, pages, out, block)
    _events(rng, name, happened, sessions, country, basket, pages, out, block)
    _parcels(rng, name, parcels, crowd, orders, out, block)

    # what customers say, what they are told, what prospects ask
    answer = fulfilment.surveys(rng, kind, state, owner)
    out.write(
        "surveys",
        arrow_table(
            "surveys",
            {
                "survey_id": name.ids("survey", np.arange(len(answer["sent"]))),
                "order_id": name.ids("order", answer["order"]),
                "customer_id": name.ids("customer", answer["customer"]),
                "survey_type": Codes(answer["type"], ["nps", "csat"]),
                "sent_at": answer["sent"], "responded_at": answer["responded"],
                "score": answer["score"],
                "loaded_at": loaded_after(rng, answer["sent"], answer["responded"]),
            },
        ), block,
    )  # fmt: skip
    told = (answer["type"] == 0) & (answer["order"] != NA) & (answer["responded"] != NA)
    truth.add_scores(state["late"][answer["order"][told]], answer["score"][told])
    strangers = rng.integers(0, crowd.visitors, round(size * 0.016))
    asked = fulfilment.tickets(rng, kind, state, ordered, owner, visitor_of_order, strangers)
    out.write(
        "tickets",
        arrow_table(
            "tickets",
            {
                "ticket_id": name.ids("ticket", np.arange(len(asked["opened"]))),
                "order_id": name.ids("order", asked["order"]),
                "customer_id": name.ids("customer", asked["customer"]),
                "visitor_id": name.ids("visitor", asked["visitor"]),
                "contact_channel": Codes(asked["contact"], fulfilment.CONTACTS),
                "ticket_type": Codes(asked["type"], fulfilment.TICKET_TYPES),
                "topic": Codes(asked["topic"], fulfilment.TOPICS),
                "opened_at": asked["opened"], "first_response_at": asked["answered"],
                "resolved_at": asked["resolved"],
                "loaded_at": loaded_after(rng, asked["opened"], asked["answered"], asked["resolved"]),
            },
        ), block,
    )  # fmt: skip
    human = sessions["bot"] != 1
    left = np.flatnonzero((happened.cause >= 0) & human & sessions["known"])
    carts = {
        "customer": customer[sessions["person"][left]], "visitor": sessions["visitor"][left],
        "time": happened.end[left],
    }  # fmt: skip
    mine = np.flatnonzero(counts & (owner != NA))
    sent = crm.messages(
        rng, crowd.reminders, carts, np.arange(len(owners)), crowd.customer[owners],
        {"customer": owner[mine], "time": ordered[mine]},
    )  # fmt: skip
    out.write(
        "messages",
        arrow_table(
            "messages",
            {
                "message_id": name.ids("message", np.arange(len(sent["sent"]))),
                "customer_id": name.ids("customer", sent["customer"]),
                "visitor_id": name.ids("visitor", sent["visitor"]),
                "message_type": Codes(sent["type"], crm.MESSAGE_TYPES),
                "channel": Codes(sent["channel"], crm.MESSAGE_CHANNELS),
                "sent_at": sent["sent"], "opened_at": sent["opened"], "clicked_at": sent["clicked"],
                "loaded_at": loaded_after(rng, sent["sent"], sent["opened"], sent["clicked"]),
            },
        ), block,
    )  # fmt: skip
    asking = np.flatnonzero((happened.lead >= 0) & human)
    lead = crm.leads(
        rng, asking, sessions["visitor"][asking], happened.end[asking], happened.lead[asking],
        np.arange(len(owners)), round(size * 0.008),
    )  # fmt: skip
    out.write(
        "leads",
        arrow_table(
            "leads",
            {
                "lead_id": name.ids("lead", np.arange(len(lead["created"]))),
                "visitor_id": name.ids("visitor", lead["visitor"]),
                "session_id": name.ids("session", lead["session"]),
                "customer_id": name.ids("customer", lead["customer"]),
                "form_id": Codes(lead["form"], FORMS),
                "channel": Codes(lead["channel"], crm.CRM_CHANNELS),
                "created_at": lead["created"], "qualified_at": lead["qualified"],
                "converted_at": lead["converted"], "lost_at": lead["lost"], "value": lead["value"],
                "currency": Codes(lead["currency"], EUR_GBP),
                "loaded_at": loaded_after(rng, lead["created"], lead["qualified"], lead["converted"], lead["lost"]),
            },
        ), block,
    )  # fmt: skip
    seen = crowd.assignments
    out.write(
        "experiment_assignments",
        arrow_table(
            "experiment_assignments",
            {
                "experiment_id": Codes(seen["experiment"], [row[0] for row in people.EXPERIMENTS]),
                "visitor_id": name.ids("visitor", seen["visitor"]),
                "variant": Codes(seen["treated"], ["control", "treatment"]),
                "assigned_at": seen["time"], "loaded_at": loaded_after(rng, seen["time"]),
            },
        ), block,
    )  # fmt: skip

    # the truth of the block
    _account(
        truth, sessions, happened, ordered, kind, counts, owner, basket, back, rates, month_of_day, status, parcels
    )
    _stock_and_spend(truth, sessions, happened, ordered, counts, basket, country, state, rates, land, orders)
    _plain_counts(truth, crowd, sessions, orders, counts, hidden, seen, owner, of_order, lead, asked, sent)


def _customers(
    rng: np.random.Generator, name: Numbers, crowd: people.People, owners: np.ndarray,
    number: np.ndarray, out: dirt.Dirt, block: int,
) -> None:  # fmt: skip
    place = crowd.place[owners]
    created = crowd.customer[owners]
    nowhere = rng.random(len(owners)) < 0.01
    ids = name.ids("customer", number)
    mail = [
        None if empty else f"{prefix}{n:06d}@example.{'org' if n % 3 else 'com'}"
        for empty, prefix, n in zip(
            rng.random(len(owners)) < 0.006, np.where(number % 2, "claire.martin", "jan.peeters"),
            ids.numbers.tolist(), strict=True,
        )
    ]  # fmt: skip
    out.write(
        "customers",
        arrow_table(
            "customers",
            {
                "customer_id": ids, "email": mail, "created_at": created,
                "country_code": Codes(np.where(nowhere, -1, PLACE_COUNTRY[place]), COUNTRIES),
                "region": Codes(place, PLACE_REGION),
                "city": Codes(np.where(nowhere, -1, place), PLACE_CITY),
                "postal_code": _postal(place, rng.integers(0, 1000, len(owners))),
                "is_test": np.where(crowd.is_test[owners], 1, np.where(rng.random(len(owners)) < 0.05, -1, 0)),
                "loaded_at": loaded_after(rng, created),
            },
        ), block,
    )  # fmt: skip


def _postal(place: np.ndarray, number: np.ndarray) -> list[str]:
    return [
        f"ZZ{PLACE_POSTAL[p]}{n:03d}"
        for p, n in zip(place.tolist(), number.tolist(), strict=True)
    ]


def _sessions(
    rng: np.random.Generator, name: Numbers, crowd: people.People, country: np.ndarray,
    customer: np.ndarray, happened: events.Events, pages: Pages, out: dirt.Dirt, block: int,
) -> None:  # fmt: skip
    sessions = crowd.sessions
    size = len(sessions["start"])
    tag = sessions["tag"]
    known = np.where(sessions["known"], customer[sessions["person"]], NA)
    words = {
        field: [getattr(t, field) for t in channels.TAGS]
        for field in ("referrer", "source", "medium", "campaign")
    }
    codes = {field: np.where([w is None for w in words[field]], -1, np.arange(len(words[field])))[tag] for field in words}
    bot = sessions["kind"] == people.BOT
    content = np.where((channels.TAG_OPEN[tag] > 0.03) & (tag % 2 == 0), sessions["person"] % 3, -1)
    term = np.where(np.array([t.channel == "paid_search" for t in channels.TAGS])[tag] & (sessions["person"] % 4 == 0), sessions["person"] % 5, -1)
    ended = happened.end + np.where(sessions["start"] % 3 == 0, 0, 15)
    ended = np.where(rng.random(size) < 0.02, NA, np.minimum(ended, timeline.END - 1))
    device = np.where(rng.random(size) < 0.005, -1, sessions["device"])
    landing = np.where(rng.random(size) < 0.004, -1, happened.landing)
    land = np.where(rng.random(size) < 0.006, -1, country[sessions["person"]])
    land = np.where(bot, COUNTRIES.index("US"), land)
    out.write(
        "sessions",
        arrow_table(
            "sessions",
            {
                "session_id": name.ids("session", np.arange(size)),
                "visitor_id": name.ids("visitor", sessions["visitor"]),
                "customer_id": name.ids("customer", known),
                "started_at": sessions["start"], "ended_at": ended,
                "device_type": Codes(device, people.DEVICES),
                "country_code": Codes(land, COUNTRIES),
                "landing_page": Codes(landing, pages.paths),
                "referrer_host": Codes(np.where(bot, -1, codes["referrer"]), words["referrer"]),
                "utm_source": Codes(np.where(bot, -1, codes["source"]), words["source"]),
                "utm_medium": Codes(np.where(bot, -1, codes["medium"]), words["medium"]),
                "utm_campaign": Codes(np.where(bot, -1, codes["campaign"]), words["campaign"]),
                "utm_content": Codes(np.where(bot, -1, content), ["carousel", "story", "static"]),
                "utm_term": Codes(np.where(bot, -1, term), ["pans", "knives", "garden lamp", "towels", "barbecue"]),
                "is_bot": sessions["bot"],
                "loaded_at": loaded_after(rng, happened.end),
            },
        ), block,
    )  # fmt: skip


def _events(
    rng: np.random.Generator, name: Numbers, happened: events.Events, sessions: dict[str, np.ndarray],
    country: np.ndarray, basket: baskets.Baskets, pages: Pages, out: dirt.Dirt, block: int,
) -> None:  # fmt: skip
    rows = happened.rows
    size = len(rows["time"])
    pounds = (country[sessions["person"]] == GB)[rows["session"]]
    worth = (rows["value"] != NA) | ((rows["quote"] != NA) & pounds)

    def code(column: str) -> np.ndarray:
        return np.where(rows[column] == NA, -1, rows[column])

    late = np.where(rng.random(len(sessions["start"])) < 0.006, rng.integers(2, 6, len(sessions["start"])), 0)
    loaded = (happened.end // DAY + 1 + late) * DAY + 3 * HOUR
    out.write(
        "session_events",
        arrow_table(
            "session_events",
            {
                "event_id": name.ids("event", np.arange(size)),
                "session_id": name.ids("session", rows["session"]),
                "event_at": rows["time"],
                "event_name": Codes(rows["name"], events.NAMES),
                "page_path": Codes(code("page"), pages.paths),
                "product_id": Ids("P", np.where(rows["product"] == NA, NA, rows["product"] + 1), 3),
                "quantity": rows["quantity"], "value": rows["value"],
                "currency": Codes(np.where(worth, pounds, -1), EUR_GBP),
                "order_id": name.ids("order", rows["order"]),
                "form_id": Codes(code("form"), FORMS), "file_name": Codes(code("file"), FILES),
                "engagement_seconds": rows["engaged"], "shipping_quote_amount": rows["quote"],
                "delivery_options_count": rows["options"],
                "error_code": Codes(code("error"), events.ERRORS),
                "loaded_at": loaded[rows["session"]],
            },
        ), block,
    )  # fmt: skip


def _parcels(
    rng: np.random.Generator, name: Numbers, parcels: dict[str, np.ndarray], crowd: people.People,
    orders: dict[str, np.ndarray], out: dirt.Dirt, block: int,
) -> None:  # fmt: skip
    place = crowd.place[orders["person"][parcels["order"]]]
    size = len(parcels["order"])
    stages = [parcels[c] for c in ("released", "picked", "packed", "shipped", "delivered")]
    ordered = orders["time"][parcels["order"]]
    out.write(
        "shipments",
        arrow_table(
            "shipments",
            {
                "shipment_id": name.ids("shipment", np.arange(size)),
                "order_id": name.ids("order", parcels["order"]),
                "warehouse_id": Codes(np.where(rng.random(size) < 0.003, -1, parcels["warehouse"]), WAREHOUSES),
                "carrier": Codes(parcels["carrier"], fulfilment.CARRIERS),
                "delivery_mode": Codes(np.where(rng.random(size) < 0.004, -1, parcels["mode"]), baskets.MODES),
                "country_code": Codes(parcels["country"], COUNTRIES),
                "region": Codes(place, PLACE_REGION),
                "released_at": parcels["released"], "picked_at": parcels["picked"],
                "packed_at": parcels["packed"], "shipped_at": parcels["shipped"],
                "promised_on": parcels["promised"], "delivered_at": parcels["delivered"],
                "status": Codes(parcels["status"], fulfilment.PARCEL),
                "shipping_cost": parcels["cost"],
                "currency": Codes(np.where((parcels["cost"] == NA) & ~parcels["pounds"], -1, parcels["pounds"]), EUR_GBP),
                "loaded_at": loaded_after(rng, ordered, *stages),
            },
        ), block,
    )  # fmt: skip


def _account(
    truth: Truth, sessions: dict[str, np.ndarray], happened: events.Events, ordered: np.ndarray,
    kind: np.ndarray, counts: np.ndarray, owner: np.ndarray, basket: baskets.Baskets,
    back: dict[str, np.ndarray], rates: np.ndarray, month_of_day: np.ndarray, status: np.ndarray,
    parcels: dict[str, np.ndarray],
) -> None:  # fmt: skip
    day = timeline.day_index(ordered)
    month = month_of_day[day]
    rate = np.where(basket.pounds, rates[day], METRES)
    truth.count("valid_orders", month[counts])
    gross = basket.gross_total * rate
    cut = basket.discount_total * rate
    truth.add_money("gross_sales", month[counts], gross[counts])
    truth.add_money("discounts", month[counts], cut[counts])
    truth.add_money("net_sales", month[counts], (gross - cut)[counts])
    day = timeline.day_index(back["time"])
    rate = np.where(basket.pounds[back["order"]], rates[day], METRES)
    real = counts[back["order"]]
    truth.add_money("refunds", month_of_day[day][real], (back["amount"] * rate)[real])
    truth.add("refunds_of_orders_that_do_not_count", (~real).sum())
    first: np.ndarray = np.full(int(owner.max(initial=0)) + 1, np.iinfo(np.int64).max)
    mine = counts & (owner != NA)
    np.minimum.at(first, owner[mine], ordered[mine])
    first = first[first < np.iinfo(np.int64).max]
    truth.count("new_customers", month_of_day[timeline.day_index(first)])
    human = sessions["bot"] != 1
    start = month_of_day[timeline.day_index(sessions["start"])]
    truth.count("sessions", start[human])
    truth.count("visitors", distinct_by_month(start[human], sessions["visitor"][human]))

    # carts
    valid_session = np.zeros(len(human), dtype=bool)
    linked = sessions["order"] >= 0
    valid_session[linked] = counts[sessions["order"][linked]]
    left = human & (happened.cause >= 0)
    mobile = sessions["device"] == 1
    for row, who in enumerate((left & ~mobile, left & mobile)):
        truth.causes[row] += np.bincount(happened.cause[who], minlength=len(events.CAUSES))
    truth.cause_value += np.bincount(
        happened.cause[left], happened.cart_value[left], len(events.CAUSES)
    ).astype(np.int64)
    truth.add("sessions_with_valid_order", (valid_session & human).sum())
    truth.add("sessions_with_order_that_does_not_count", (linked & ~valid_session & human).sum())
    truth.add("sessions_with_begin_checkout", (human & (linked | (left & (happened.cause != events.CAUSE["left_at_cart"])))).sum())
    truth.add("orders_placed_in_bot_sessions", (linked & ~human).sum())
    truth.add("bot_sessions", (~human).sum())
    for number, word in enumerate(fulfilment.STATUSES):
        truth.add(f"orders_with_status_{word}", (status == number).sum())
    for number, word in enumerate(fulfilment.PARCEL):
        truth.add(f"shipments_with_status_{word}", (parcels["status"] == number).sum())
    truth.add("shipments_shipped_before_payment", (parcels["early"]).sum())
    truth.add("split_orders", (np.bincount(parcels["order"]) > 1).sum())


def _stock_and_spend(
    truth: Truth, sessions: dict[str, np.ndarray], happened: events.Events, ordered: np.ndarray,
    counts: np.ndarray, basket: baskets.Baskets, country: np.ndarray, state: dict[str, np.ndarray],
    rates: np.ndarray, land: np.ndarray, orders: dict[str, np.ndarray],
) -> None:  # fmt: skip
    line = np.flatnonzero(counts[basket.order])
    of = basket.order[line]
    warehouse = np.maximum(state["warehouse"][of], 0)
    np.add.at(truth.sold, (timeline.day_index(ordered[of]), basket.product[line], warehouse), basket.quantity[line])

    campaign = channels.CAMPAIGN_OF_TAG[sessions["tag"]]
    paid = np.flatnonzero((campaign >= 0) & (sessions["bot"] != 1))
    place = spend.land_of(country[sessions["person"][paid]])
    np.add.at(truth.clicks, (timeline.day_index(sessions["start"][paid]), campaign[paid], place), 1)

    # orders that a campaign touched in the 30 days before, each campaign once
    order = np.lexsort((sessions["start"], sessions["person"]))
    span = np.int64(2) * 10**9
    line_up = sessions["person"][order] * span + sessions["start"][order]
    mine = np.flatnonzero(counts & orders["tracked"])
    stop = np.searchsorted(line_up, orders["person"][mine] * span + ordered[mine], side="right")
    begin = np.searchsorted(line_up, orders["person"][mine] * span + ordered[mine] - 30 * DAY)
    length = np.maximum(stop - begin, 0)
    touch = np.repeat(begin - np.cumsum(length) + length, length) + np.arange(length.sum())
    which = np.repeat(mine, length)
    used = campaign[order[touch]]
    pairs = np.unique(np.stack([which, used], axis=1)[used >= 0], axis=0)
    which, used = pairs[:, 0], pairs[:, 1]
    day = timeline.day_index(ordered[which])
    rate = np.where(basket.pounds[which], rates[day], METRES)
    net = (basket.gross_total - basket.discount_total)[which] * (rate / METRES)
    at = (day, used, spend.land_of(land[which]))
    np.add.at(truth.touched, at, 1)
    np.add.at(truth.touched_value, at, net)


def _plain_counts(
    truth: Truth, crowd: people.People, sessions: dict[str, np.ndarray], orders: dict[str, np.ndarray],
    counts: np.ndarray, hidden: np.ndarray, seen: dict[str, np.ndarray], owner: np.ndarray,
    of_order: np.ndarray, lead: dict[str, np.ndarray], asked: dict[str, np.ndarray],
    sent: dict[str, np.ndarray],
) -> None:  # fmt: skip
    kind = orders["kind"]
    truth.add("customers_with_valid_order", len(np.unique(owner[counts & (owner != NA)])))
    truth.add("guest_orders_valid", (counts & (owner == NA)).sum())
    truth.add("orders_of_registered_customers_valid", (counts & (owner != NA)).sum())
    truth.add("valid_orders_without_session", (counts & (of_order == NA)).sum())
    truth.add("cancelled_orders", (kind == people.CANCELLED).sum())
    truth.add("unpaid_orders", (kind == people.UNPAID).sum())
    truth.add("test_orders", (kind == people.TEST_ORDER).sum())
    truth.add("orders_of_test_customers", (kind == people.TEST_CUSTOMER).sum())
    truth.add("customers_missing_from_customers_table", len(hidden))
    truth.add("orders_of_customers_missing_from_customers_table", np.isin(owner, hidden).sum())
    truth.add("visitors_known_as_two_customers", _shared(sessions))
    truth.add("leads_with_session", (lead["session"] != NA).sum())
    truth.add("leads_without_session", (lead["session"] == NA).sum())
    truth.add("tickets_without_order", (asked["order"] == NA).sum())
    truth.add("cart_reminders", (sent["type"] == 0).sum())
    for number, row in enumerate(people.EXPERIMENTS):
        mine = seen["experiment"] == number
        who, times = np.unique(seen["visitor"][mine], return_counts=True)
        once = np.isin(seen["visitor"], who[times == 1]) & mine
        truth.add(f"{row[0]} visitors in both variants", (times > 1).sum())
        truth.add(f"{row[0]} visitors control", (once & (seen["treated"] == 0)).sum())
        truth.add(f"{row[0]} visitors treatment", (once & (seen["treated"] == 1)).sum())
        truth.add(f"{row[0]} visitors without session", (~np.isin(who, sessions["visitor"])).sum())


def _shared(sessions: dict[str, np.ndarray]) -> int:
    known = np.flatnonzero(sessions["known"] & (sessions["bot"] != 1))
    pairs = np.unique(np.stack([sessions["visitor"][known], sessions["person"][known]], axis=1), axis=0)
    _, times = np.unique(pairs[:, 0], return_counts=True)
    return int((times > 1).sum())
