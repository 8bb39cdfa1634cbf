"""One block of the shop: simulated step by step, each step from those before it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.generate import baskets, crm, events, fulfilment, people
from harness.generate.catalogue import PLACE_COUNTRY, Catalogue, Pages
from harness.generate.frames import NA, Frame, Ids, stream

SIZE = 17_000  # prospects a block
# Identifiers: letter, and how many a block may use. A block's numbers depend on its position alone.
KINDS = {
    "customer": ("C", 4_000),
    "visitor": ("V", 40_000),
    "session": ("S", 80_000),
    "event": ("E", 400_000),
    "order": ("O", 8_000),
    "item": ("L", 25_000),
    "refund": ("R", 3_000),
    "shipment": ("H", 10_000),
    "survey": ("Q", 10_000),
    "ticket": ("T", 6_000),
    "message": ("M", 30_000),
    "lead": ("D", 4_000),
}
HIDDEN = 4  # customers of a block with orders and no row of their own


class Numbers:
    """Makes the identifiers of one block."""

    def __init__(self, block: int, blocks: int) -> None:
        self.block = block
        self.widths = {
            kind: max(7, int(math.log10(blocks * room)) + 1) for kind, (_, room) in KINDS.items()
        }

    def ids(self, kind: str, position: np.ndarray) -> Ids:
        """Identifiers for positions within the block; NA stays null."""
        prefix, room = KINDS[kind]
        position = np.asarray(position)
        if len(position) and position.max() >= room:
            raise ValueError(f"block {self.block}: more than {room} identifiers of {kind}")
        numbers = np.where(position == NA, NA, position + 1 + self.block * room)
        return Ids(prefix, numbers, self.widths[kind])


@dataclass
class Block:
    """All that belongs to one block; positions within the block stand for identifiers."""

    number: int
    rng: np.random.Generator
    name: Numbers
    pages: Pages
    rates: np.ndarray  # GBP to EUR in millionths, by day
    crowd: people.People
    country: np.ndarray  # by person
    owners: np.ndarray  # persons with an account, by customer number
    customer: np.ndarray  # customer number by person
    hidden: np.ndarray  # customer numbers without a row in customers
    land: np.ndarray  # country by order
    basket: baskets.Baskets
    fee: Frame
    happened: events.Events
    ordered: np.ndarray
    kind: np.ndarray
    counts: np.ndarray  # whether an order is valid
    owner: np.ndarray  # customer number by order
    paid: np.ndarray
    cancelled: np.ndarray
    status: np.ndarray
    session_of_order: np.ndarray
    parcels: Frame
    state: Frame  # of delivery, by order
    refunds: Frame
    surveys: Frame
    tickets: Frame
    messages: Frame
    leads: Frame


def make_block(
    seed: int, number: int, blocks: int, size: int, shop: Catalogue, pages: Pages, rates: np.ndarray
) -> Block:
    """Simulate block `number` with `size` prospects."""
    rng = stream(seed, "block", number)
    crowd = people.make_people(seed, number, size)
    sessions, orders = crowd.sessions, crowd.orders
    country = PLACE_COUNTRY[crowd.place]

    owners = np.flatnonzero(crowd.customer != NA)
    owners = owners[np.argsort(crowd.customer[owners], kind="stable")]
    customer = np.full(len(crowd.customer), NA)
    customer[owners] = np.arange(len(owners))
    buyers = np.flatnonzero(crowd.first_order[owners] != NA)

    land = country[orders["person"]]
    basket = baskets.fill(rng, shop, orders, land, rates)
    fee = baskets.charges(rng, orders, basket, land)
    happened = events.make_events(rng, shop, pages, sessions, orders, basket, country, fee)
    ordered = np.where(happened.purchased != NA, happened.purchased, orders["time"])
    kind = orders["kind"]
    counts = baskets.is_valid(kind)
    joined = crowd.customer[orders["person"]]
    owned = (kind != people.GUEST) & (joined != NA) & (ordered >= joined - 600)
    owner = np.where(owned, customer[orders["person"]], NA)
    session_of_order = np.full(len(ordered), NA)
    linked = np.flatnonzero(sessions["order"] >= 0)
    session_of_order[sessions["order"][linked]] = linked
    visitor_of_order = np.full(len(ordered), NA)
    visitor_of_order[sessions["order"][linked]] = sessions["visitor"][linked]

    paid, cancelled = fulfilment.payments(rng, kind, ordered, fee["method"])
    parcels = fulfilment.shipments(rng, kind, ordered, paid, land, fee["mode"], orders["channel"])
    state = fulfilment.by_order(parcels, len(ordered))
    status = fulfilment.statuses(kind, paid, state, ordered)
    moving = np.isin(status, [2, 3])
    paid = np.where(moving & (paid == NA), ordered + 60, paid)

    refunds = baskets.refunds(rng, kind, state["delivered"], ordered, basket)
    surveys = fulfilment.surveys(rng, kind, state, owner)
    strangers = rng.integers(0, crowd.visitors, round(size * 0.016))
    tickets = fulfilment.tickets(rng, kind, state, ordered, owner, visitor_of_order, strangers)
    human = sessions["bot"] != 1
    left = np.flatnonzero((happened.cause >= 0) & human & sessions["known"])
    carts = {
        "customer": customer[sessions["person"][left]],
        "visitor": sessions["visitor"][left],
        "time": happened.end[left],
    }
    mine = np.flatnonzero(counts & (owner != NA))
    bought = {"customer": owner[mine], "time": ordered[mine]}
    since = crowd.customer[owners]
    messages = crm.messages(rng, crowd.reminders, carts, np.arange(len(owners)), since, bought)
    asking = np.flatnonzero((happened.lead >= 0) & human)
    leads = crm.leads(
        rng,
        {
            "session": asking,
            "visitor": sessions["visitor"][asking],
            "time": happened.end[asking],
            "form": happened.lead[asking],
            "customer": customer[sessions["person"][asking]],
        },
        np.arange(len(owners)),
        round(size * 0.008),
    )
    return Block(
        number=number,
        rng=rng,
        name=Numbers(number, blocks),
        pages=pages,
        rates=rates,
        crowd=crowd,
        country=country,
        owners=owners,
        customer=customer,
        hidden=rng.permutation(buyers)[:HIDDEN],
        land=land,
        basket=basket,
        fee=fee,
        happened=happened,
        ordered=ordered,
        kind=kind,
        counts=counts,
        owner=owner,
        paid=paid,
        cancelled=cancelled,
        status=status,
        session_of_order=session_of_order,
        parcels=parcels,
        state=state,
        refunds=refunds,
        surveys=surveys,
        tickets=tickets,
        messages=messages,
        leads=leads,
    )
