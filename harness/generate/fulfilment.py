"""Payment, shipments, and what customers say about them: surveys and tickets."""

from __future__ import annotations

import numpy as np

from harness.generate import timeline
from harness.generate.catalogue import COUNTRIES, GB
from harness.generate.frames import DAY, HOUR, NA, Frame, concat, draw
from harness.generate.people import CANCELLED, TEST_CUSTOMER, UNPAID

STATUSES = ["created", "paid", "processing", "shipped", "delivered", "cancelled"]
PARCEL = ["pending", "picking", "packed", "in_transit", "delivered", "lost", "returned"]
CARRIERS = ["Colirapide", "Europarcel", "Lynx Express", "Tortue Fret"]
SLOW_CARRIER = 3
CARRIER_DAYS = np.array([1.9, 2.5, 1.0, 4.6])  # mean days in transit, standard delivery
CARRIER_COST = np.array([520, 480, 940, 390])  # cents a parcel at home
SPLIT_SHARE = 0.06
STAGE_HOURS = {
    "release": [1.5, 1.5, 1.5], "picking": [7.0, 8.0, 31.0], "packing": [3.0, 3.0, 3.5],
    "handover": [5.0, 5.0, 5.0],
}  # fmt: skip  # mean hours by warehouse
PROMISE_DAYS = np.array([5, 3, 5, 3])  # by delivery mode, at home; two more abroad
NPS_START = 9.35  # mean score without delay
NPS_PER_DAY = 1.15  # points of score lost a day late
CSAT_START, CSAT_PER_DAY = 4.45, 0.42
COMPLAINT_BASE, COMPLAINT_PER_DAY = 0.022, 0.11

TICKET_TYPES = ["complaint", "question", "return_request", "technical", "other"]
TOPICS = [
    "late_delivery",
    "damaged",
    "wrong_item",
    "missing_item",
    "billing",
    "product_advice",
    "return",
    "website",
    "account",
]
CONTACTS = ["email", "phone", "chat", "form", "social"]


def payments(
    rng: np.random.Generator, kind: np.ndarray, ordered: np.ndarray, method: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Times of payment and cancellation (seconds, NA where none)."""
    size = len(kind)
    wait = np.where(method == 4, rng.uniform(0.4, 2.5, size) * DAY, rng.exponential(60, size) + 5)
    paid = ordered + wait.astype(np.int64)
    paid = np.where(kind == UNPAID, NA, paid)
    early = (kind == CANCELLED) & (rng.random(size) < 0.4)
    paid = np.where(early, NA, paid)
    cancelled = np.where(
        kind == CANCELLED, ordered + (rng.exponential(20, size) * HOUR).astype(np.int64) + 600, NA
    )
    return timeline.not_after(paid, timeline.END), cancelled


def shipments(
    rng: np.random.Generator,
    kind: np.ndarray,
    ordered: np.ndarray,
    paid: np.ndarray,
    country: np.ndarray,
    mode: np.ndarray,
    channel: np.ndarray,
) -> Frame:
    """One row a shipment, by order; times in seconds, costs in cents of `pounds` or euros."""
    ships = (kind != CANCELLED) & (kind != UNPAID)
    ships |= (kind == CANCELLED) & (rng.random(len(kind)) < 0.12)
    single = np.flatnonzero(ships)
    split = single[rng.random(len(single)) < SPLIT_SHARE]
    order = np.sort(np.concatenate([single, split]))
    size = len(order)
    second = np.concatenate([[False], order[1:] == order[:-1]])
    land, way = country[order], mode[order]
    store = channel[order] == 3
    north = np.isin(land, [COUNTRIES.index(c) for c in ("BE", "NL", "GB", "DE", "LU", "IE")])
    warehouse = np.where(
        north, draw(rng, [0.08, 0.47, 0.45], size), draw(rng, [0.62, 0.26, 0.12], size)
    )
    warehouse = np.where(second, (warehouse + 1) % 3, warehouse)
    carrier = draw(rng, [0.38, 0.34, 0.08, 0.20], size)
    carrier = np.where(way == 1, np.where(rng.random(size) < 0.8, 2, 0), carrier)

    begin = np.where(paid[order] != NA, paid[order], ordered[order])
    times = []
    now = begin.astype(float)
    for stage, hours in STAGE_HOURS.items():
        mean = (
            np.array(hours)[warehouse] * np.where(way == 1, 0.6, 1.0) * np.where(store, 0.15, 1.0)
        )
        now = now + rng.gamma(1.8, mean / 1.8, size) * HOUR
        if stage == "packing":
            now = now + np.where(second, rng.uniform(0.5, 3, size) * DAY, 0)
        times.append(now.astype(np.int64))
    released, picked, packed, shipped = times
    waited = paid[order] - ordered[order]
    hasty = (paid[order] != NA) & (waited > DAY / 3) & (rng.random(size) < 0.35)
    for column in (released, picked, packed, shipped):  # a few leave before the money is there
        column[hasty] -= waited[hasty]
    abroad = land != 0
    mean = CARRIER_DAYS[carrier] * np.where(way == 1, 0.75, 1.0) + np.where(abroad, 1.1, 0.0)
    transit = rng.gamma(3.0, mean / 3.0, size) * np.where(store, 0.1, 1.0) * DAY + 3 * HOUR
    delivered = shipped + transit.astype(np.int64)
    promised = ordered[order] // DAY + PROMISE_DAYS[way] + 2 * abroad + (rng.random(size) < 0.15)
    promised = np.where(rng.random(size) < 0.03, NA, promised)

    fate = rng.random(size)
    lost = (fate < 0.006) & (kind[order] < CANCELLED)
    returned = (fate > 0.988) & ~lost
    gone = kind[order] == CANCELLED
    limit = timeline.END
    few = (rng.random(size) < 0.25) & (delivered < limit + 20 * HOUR)  # known after the last day
    delivered = np.where(lost, NA, np.where((delivered < limit) | few, delivered, NA))
    columns = [timeline.not_after(x, limit) for x in (released, picked, packed, shipped)]
    released, picked, packed, shipped = columns
    delivered = np.where(shipped == NA, NA, delivered)
    status = np.where(picked == NA, 0, np.where(packed == NA, 1, np.where(shipped == NA, 2, 3)))
    status = np.where(delivered != NA, 4, status)
    status = np.where(lost & (shipped != NA), 5, status)
    status = np.where(returned & (delivered != NA), 6, status)
    for column in (picked, packed, shipped, delivered):
        column[gone] = NA
    status = np.where(gone, 0, status)
    pounds = (land == GB) & (carrier == 1)
    cost = CARRIER_COST[carrier] * np.where(abroad, 1.45, 1.0) * np.where(way == 1, 1.3, 1.0)
    cost = np.rint(cost * rng.uniform(0.85, 1.3, size)).astype(np.int64)
    cost = np.where((rng.random(size) < 0.04) | gone | store, NA, cost)
    return {
        "order": order,
        "warehouse": warehouse,
        "carrier": np.where(store, -1, carrier),
        "mode": way,
        "released": released,
        "picked": picked,
        "packed": packed,
        "shipped": shipped,
        "promised": promised,
        "delivered": delivered,
        "status": status,
        "cost": cost,
        "pounds": pounds,
        "country": land,
        "early": (shipped != NA) & (paid[order] != NA) & (shipped < paid[order]),
    }


def by_order(parcels: Frame, count: int) -> Frame:
    """By order: last delivery if complete, all shipped, days late, the first parcel's warehouse."""
    order = parcels["order"]
    number = np.bincount(order, minlength=count)
    done = np.bincount(order, parcels["delivered"] != NA, count)
    sent = np.bincount(order, parcels["shipped"] != NA, count)
    last = np.full(count, NA)
    np.maximum.at(last, order, parcels["delivered"])
    delay = np.where(
        (parcels["delivered"] != NA) & (parcels["promised"] != NA),
        parcels["delivered"] // DAY - parcels["promised"],
        0,
    )
    late = np.zeros(count, dtype=np.int64)
    np.maximum.at(late, order, delay)
    warehouse = np.full(count, -1)
    warehouse[order[::-1]] = parcels["warehouse"][::-1]
    complete = (number > 0) & (done == number)
    return {
        "delivered": np.where(complete, last, NA),
        "shipped": (number > 0) & (sent == number),
        "late": late,
        "warehouse": warehouse,
        "started": number > 0,
    }


def statuses(kind: np.ndarray, paid: np.ndarray, state: Frame, ordered: np.ndarray) -> np.ndarray:
    """Last known status of each order."""
    fresh = ordered > timeline.END - 8 * HOUR
    status = np.where(state["started"] & ~fresh, 2, 1)
    status = np.where(state["shipped"], 3, status)
    status = np.where(state["delivered"] != NA, 4, status)
    status = np.where(kind == CANCELLED, 5, status)
    return np.where(kind == UNPAID, 0, status)


def surveys(
    rng: np.random.Generator, kind: np.ndarray, state: Frame, customer: np.ndarray
) -> Frame:
    """NPS and CSAT surveys after delivery, answered or not, and NPS without an order."""
    ready = np.flatnonzero((state["delivered"] != NA) & (kind != TEST_CUSTOMER))
    parts = []
    for number, share, delay in ((0, 0.42, 5.0), (1, 0.30, 1.5)):
        order = ready[rng.random(len(ready)) < share]
        sent = state["delivered"][order] + (
            delay * DAY + rng.uniform(0, 6 * HOUR, len(order))
        ).astype(np.int64)
        start, slope = ((NPS_START, NPS_PER_DAY), (CSAT_START, CSAT_PER_DAY))[number]
        mean = start - slope * np.minimum(state["late"][order], 7) * (state["late"][order] > 0)
        score = np.rint(mean + rng.normal(0, 1.15 if number == 0 else 0.7, len(order)))
        score = np.clip(score, *((0, 10) if number == 0 else (1, 5))).astype(np.int64)
        parts.append(
            {
                "order": order,
                "customer": customer[order],
                "type": np.full(len(order), number),
                "sent": sent,
                "score": score,
            }
        )
    known = np.unique(customer[customer != NA])
    lone = known[rng.random(len(known)) < 0.04]
    sent = rng.integers(timeline.END - 200 * DAY, timeline.END, len(lone))
    score = np.clip(np.rint(rng.normal(8.2, 1.8, len(lone))), 0, 10).astype(np.int64)
    parts.append(
        {
            "order": np.full(len(lone), NA),
            "customer": lone,
            "type": np.zeros(len(lone), dtype=np.int64),
            "sent": sent,
            "score": score,
        }
    )
    frame = concat(parts)
    size = len(frame["sent"])
    answered = rng.random(size) < 0.38
    responded = frame["sent"] + (rng.exponential(1.4, size) * DAY).astype(np.int64) + 300
    answered &= responded < timeline.END
    frame["responded"] = np.where(answered, responded, NA)
    frame["score"] = np.where(answered, frame["score"], NA)
    frame = {name: values[frame["sent"] < timeline.END] for name, values in frame.items()}
    keep = np.argsort(frame["sent"], kind="stable")
    return {name: values[keep] for name, values in frame.items()}


def tickets(
    rng: np.random.Generator,
    kind: np.ndarray,
    state: Frame,
    ordered: np.ndarray,
    customer: np.ndarray,
    visitor: np.ndarray,
    strangers: np.ndarray,
) -> Frame:
    """Complaints by lateness, requests and questions; some without order, answer or end."""
    count = len(kind)
    counts = kind < CANCELLED
    chance = np.minimum(COMPLAINT_BASE + COMPLAINT_PER_DAY * np.maximum(state["late"], 0), 0.6)
    angry = np.flatnonzero(counts & (rng.random(count) < chance))
    late = state["late"][angry] > 0
    topic = np.where(
        late & (rng.random(len(angry)) < 0.85), 0, 1 + draw(rng, [0.4, 0.25, 0.2, 0.15], len(angry))
    )
    base = np.where(
        state["delivered"][angry] != NA, state["delivered"][angry], ordered[angry] + 4 * DAY
    )
    opened = base + (rng.normal(0.5, 1.0, len(angry)) * DAY).astype(np.int64)
    opened = np.maximum(opened, ordered[angry] + 2 * HOUR)
    parts = [
        {
            "order": angry,
            "customer": customer[angry],
            "visitor": visitor[angry],
            "type": np.zeros(len(angry), dtype=np.int64),
            "topic": topic,
            "opened": opened,
        }
    ]
    back = np.flatnonzero(counts & (rng.random(count) < 0.03))
    opened = np.where(
        state["delivered"][back] != NA, state["delivered"][back], ordered[back]
    ) + rng.integers(HOUR, 12 * DAY, len(back))
    parts.append(
        {
            "order": back,
            "customer": customer[back],
            "visitor": np.full(len(back), NA),
            "type": np.full(len(back), 2),
            "topic": np.full(len(back), 6),
            "opened": opened,
        }
    )
    size = len(strangers)
    sort = draw(rng, [0, 0.6, 0.05, 0.25, 0.1], size)
    topic = np.where(sort == 3, np.where(rng.random(size) < 0.6, 7, 8), np.where(sort == 1, 5, -1))
    opened = rng.integers(timeline.ORIGIN * DAY, timeline.END, size)
    parts.append(
        {
            "order": np.full(size, NA),
            "customer": np.full(size, NA),
            "visitor": np.where(rng.random(size) < 0.6, strangers, NA),
            "type": sort,
            "topic": topic,
            "opened": opened,
        }
    )
    frame = concat(parts)
    frame["topic"] = np.where(rng.random(len(frame["topic"])) < 0.03, -1, frame["topic"])
    frame["visitor"] = np.where(rng.random(len(frame["topic"])) < 0.5, frame["visitor"], NA)
    size = len(frame["opened"])
    frame["contact"] = draw(rng, [0.38, 0.2, 0.24, 0.14, 0.04], size)
    hours = np.array([9.0, 0.4, 0.3, 11.0, 6.0])[frame["contact"]]
    answer = frame["opened"] + (rng.gamma(1.3, hours / 1.3, size) * HOUR).astype(np.int64) + 60
    solved = answer + (rng.gamma(1.1, 22, size) * HOUR).astype(np.int64)
    silent = rng.random(size) < 0.04
    frame["answered"] = timeline.not_after(np.where(silent, NA, answer), timeline.END)
    open_still = silent | (rng.random(size) < 0.06) | (frame["answered"] == NA)
    frame["resolved"] = timeline.not_after(np.where(open_still, NA, solved), timeline.END)
    frame = {name: values[frame["opened"] < timeline.END] for name, values in frame.items()}
    keep = np.argsort(frame["opened"], kind="stable")
    return {name: values[keep] for name, values in frame.items()}
