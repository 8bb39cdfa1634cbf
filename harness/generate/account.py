"""What a block adds to the truth: exact sums, counts, stock movements, what campaigns touched."""

from __future__ import annotations

import numpy as np

from harness.generate import channels, events, fulfilment, journeys, people, spend, timeline
from harness.generate.build import Block
from harness.generate.frames import DAY, NA, Frame
from harness.generate.truth import Truth, distinct_by_month

ONE = 1_000_000  # the rate of a euro, in millionths


def add_block(truth: Truth, block: Block) -> None:
    """Add all of a block."""
    truth.add_credit(block.crowd.credit, block.crowd.experiment)
    asked = block.surveys
    told = (asked["type"] == 0) & (asked["order"] != NA) & (asked["responded"] != NA)
    truth.add_scores(block.state["late"][asked["order"][told]], asked["score"][told])
    _months(truth, block)
    _carts(truth, block)
    _sold(truth, block)
    _touched(truth, block)
    _counts(truth, block)


def _rate(block: Block, order: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Rate in millionths of orders' currencies at given times."""
    return np.where(block.basket.pounds[order], block.rates[timeline.day_index(time)], ONE)


def _months(truth: Truth, block: Block) -> None:
    """Sales, refunds, people by month."""
    month_of_day = timeline.months()

    def month(time: np.ndarray) -> np.ndarray:
        return month_of_day[timeline.day_index(time)]

    counts, ordered, basket = block.counts, block.ordered, block.basket
    truth.count("valid_orders", month(ordered[counts]))
    rate = _rate(block, np.arange(len(ordered)), ordered)
    gross, cut = basket.gross_total * rate, basket.discount_total * rate
    truth.add_money("gross_sales", month(ordered[counts]), gross[counts])
    truth.add_money("discounts", month(ordered[counts]), cut[counts])
    truth.add_money("net_sales", month(ordered[counts]), (gross - cut)[counts])
    back = block.refunds
    real = counts[back["order"]]
    exact = back["amount"] * _rate(block, back["order"], back["time"])
    truth.add_money("refunds", month(back["time"][real]), exact[real])
    truth.add("refunds_of_orders_that_do_not_count", (~real).sum())

    mine = counts & (block.owner != NA)
    never = np.iinfo(np.int64).max
    first = np.full(len(block.owners), never)
    np.minimum.at(first, block.owner[mine], ordered[mine])
    truth.count("new_customers", month(first[first < never]))
    sessions = block.crowd.sessions
    human = sessions["bot"] != 1
    start = month(sessions["start"])[human]
    truth.count("sessions", start)
    truth.count("visitors", distinct_by_month(start, sessions["visitor"][human]))


def _carts(truth: Truth, block: Block) -> None:
    """Left carts by cause, and sessions with orders."""
    sessions, happened = block.crowd.sessions, block.happened
    human = sessions["bot"] != 1
    linked = sessions["order"] >= 0
    valid = np.zeros(len(human), dtype=bool)
    valid[linked] = block.counts[sessions["order"][linked]]
    left = human & (happened.cause >= 0)
    mobile = sessions["device"] == 1
    size = len(events.CAUSES)
    for row, who in enumerate((left & ~mobile, left & mobile)):
        truth.causes[row] += np.bincount(happened.cause[who], minlength=size)
    worth = np.bincount(happened.cause[left], happened.cart_value[left], size)
    truth.cause_value += worth.astype(np.int64)
    checkout = linked | (left & (happened.cause != events.CAUSE["left_at_cart"]))
    truth.add("sessions_with_valid_order", (valid & human).sum())
    truth.add("sessions_with_order_that_does_not_count", (linked & ~valid & human).sum())
    truth.add("sessions_with_begin_checkout", (human & checkout).sum())
    truth.add("orders_placed_in_bot_sessions", (linked & ~human).sum())
    truth.add("bot_sessions", (~human).sum())


def _sold(truth: Truth, block: Block) -> None:
    """Units that leave the stock, by day, product and warehouse."""
    basket = block.basket
    line = np.flatnonzero(block.counts[basket.order])
    of = basket.order[line]
    warehouse = np.maximum(block.state["warehouse"][of], 0)
    day = timeline.day_index(block.ordered[of])
    np.add.at(truth.sold, (day, basket.product[line], warehouse), basket.quantity[line])


def _touched(truth: Truth, block: Block) -> None:
    """Sessions by campaign; valid orders that a campaign touched in 30 days, each campaign once."""
    sessions, orders, basket = block.crowd.sessions, block.crowd.orders, block.basket
    campaign = channels.CAMPAIGN_OF_TAG[sessions["tag"]]
    paid = np.flatnonzero((campaign >= 0) & (sessions["bot"] != 1))
    place = spend.land_of(block.country[sessions["person"][paid]])
    day = timeline.day_index(sessions["start"][paid])
    np.add.at(truth.clicks, (day, campaign[paid], place), 1)

    order = np.lexsort((sessions["start"], sessions["person"]))
    span = np.int64(2) * 10**9  # more than any time in seconds
    line_up = sessions["person"][order] * span + sessions["start"][order]
    mine = np.flatnonzero(block.counts & orders["tracked"])
    until = orders["person"][mine] * span + block.ordered[mine]
    stop = np.searchsorted(line_up, until, side="right")
    begin = np.searchsorted(line_up, until - 30 * DAY)
    length = np.maximum(stop - begin, 0)
    touch = np.repeat(begin - np.cumsum(length) + length, length) + np.arange(length.sum())
    which, used = np.repeat(mine, length), campaign[order[touch]]
    pairs = np.unique(np.stack([which, used], axis=1)[used >= 0], axis=0)
    which, used = pairs[:, 0], pairs[:, 1]
    net = (basket.gross_total - basket.discount_total)[which]
    net = net * (_rate(block, which, block.ordered[which]) / ONE)
    at = (timeline.day_index(block.ordered[which]), used, spend.land_of(block.land[which]))
    np.add.at(truth.touched, at, 1)
    np.add.at(truth.touched_value, at, net)


def _counts(truth: Truth, block: Block) -> None:
    """Plain counts of clean rows."""
    kind, counts, owner = block.kind, block.counts, block.owner
    named = owner != NA
    truth.add("customers_with_valid_order", len(np.unique(owner[counts & named])))
    truth.add("guest_orders_valid", (counts & ~named).sum())
    truth.add("orders_of_registered_customers_valid", (counts & named).sum())
    truth.add("valid_orders_without_session", (counts & (block.session_of_order == NA)).sum())
    truth.add("cancelled_orders", (kind == people.CANCELLED).sum())
    truth.add("unpaid_orders", (kind == people.UNPAID).sum())
    truth.add("test_orders", (kind == people.TEST_ORDER).sum())
    truth.add("orders_of_test_customers", (kind == people.TEST_CUSTOMER).sum())
    truth.add("customers_missing_from_customers_table", len(block.hidden))
    lone = np.isin(owner, block.hidden)
    truth.add("orders_of_customers_missing_from_customers_table", lone.sum())
    truth.add("visitors_known_as_two_customers", _shared(block.crowd.sessions))
    for number, word in enumerate(fulfilment.STATUSES):
        truth.add(f"orders_with_status_{word}", (block.status == number).sum())
    for number, word in enumerate(fulfilment.PARCEL):
        truth.add(f"shipments_with_status_{word}", (block.parcels["status"] == number).sum())
    truth.add("shipments_shipped_before_payment", block.parcels["early"].sum())
    truth.add("split_orders", (np.bincount(block.parcels["order"]) > 1).sum())
    truth.add("leads_with_session", (block.leads["session"] != NA).sum())
    truth.add("leads_without_session", (block.leads["session"] == NA).sum())
    truth.add("tickets_without_order", (block.tickets["order"] == NA).sum())
    truth.add("cart_reminders", (block.messages["type"] == 0).sum())
    seen = block.crowd.assignments
    for number, (name, *_) in enumerate(journeys.EXPERIMENTS):
        mine = seen["experiment"] == number
        who, times = np.unique(seen["visitor"][mine], return_counts=True)
        once = np.isin(seen["visitor"], who[times == 1]) & mine
        absent = ~np.isin(who, block.crowd.sessions["visitor"])
        truth.add(f"{name} visitors in both variants", (times > 1).sum())
        truth.add(f"{name} visitors control", (once & (seen["treated"] == 0)).sum())
        truth.add(f"{name} visitors treatment", (once & (seen["treated"] == 1)).sum())
        truth.add(f"{name} visitors without session", absent.sum())


def _shared(sessions: Frame) -> int:
    """Visitors known as two persons."""
    known = np.flatnonzero(sessions["known"] & (sessions["bot"] != 1))
    pairs = np.stack([sessions["visitor"][known], sessions["person"][known]], axis=1)
    _, times = np.unique(np.unique(pairs, axis=0)[:, 0], return_counts=True)
    return int((times > 1).sum())
