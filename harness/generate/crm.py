"""Messages and leads."""

from __future__ import annotations

import numpy as np

from harness.generate import timeline
from harness.generate.frames import DAY, HOUR, NA, Frame, concat, draw

MESSAGE_TYPES = [
    "cart_reminder",
    "browse_reminder",
    "win_back",
    "newsletter",
    "promotion",
    "post_purchase",
]
MESSAGE_CHANNELS = ["email", "sms", "push"]
OPEN_RATE = np.array([0.45, 0.35, 0.24, 0.30, 0.28, 0.42])
CLICK_RATE = np.array([0.30, 0.22, 0.10, 0.12, 0.14, 0.12])  # of opened
CRM_CHANNELS = ["email", "referral", "paid_social", "organic_social", "trade_fair", "phone"]


def messages(
    rng: np.random.Generator,
    reminders: Frame,
    carts: Frame,
    customers: np.ndarray,
    since: np.ndarray,
    orders: Frame,
) -> Frame:
    """Messages to visitors and customers.

    `reminders` (visitor, time, worked) went to prospects; `carts` (customer, visitor, time) were
    left by known customers, who joined at `since`; `orders` (customer, time) are valid ones.
    """
    parts = []

    def add(
        kind: int, time: np.ndarray, customer: np.ndarray, visitor: np.ndarray, sms: float
    ) -> None:
        size = len(time)
        parts.append(
            {
                "type": np.full(size, kind),
                "sent": time,
                "customer": customer,
                "visitor": visitor,
                "channel": draw(rng, [1 - sms, sms / 2, sms / 2], size),
                "forced": np.zeros(size, dtype=bool),
            }
        )

    size = len(reminders["time"])
    add(0, reminders["time"], np.full(size, NA), reminders["visitor"], 0.0)
    parts[0]["forced"] = reminders["worked"]
    told = rng.random(len(carts["time"])) < 0.45
    moment = carts["time"][told] + (2 * HOUR + rng.exponential(14 * HOUR, int(told.sum()))).astype(
        np.int64
    )
    add(
        0,
        moment,
        carts["customer"][told],
        np.where(rng.random(int(told.sum())) < 0.5, carts["visitor"][told], NA),
        0.2,
    )
    some = rng.random(len(carts["time"])) < 0.08
    add(1, carts["time"][some] + 26 * HOUR, carts["customer"][some], carts["visitor"][some], 0.3)
    bought = rng.random(len(orders["time"])) < 0.35
    who = np.flatnonzero(bought)
    add(5, orders["time"][who] + 9 * DAY, orders["customer"][who], np.full(len(who), NA), 0.05)
    readers = np.flatnonzero(rng.random(len(customers)) < 0.16)
    for month in range(24):
        day = timeline.ORIGIN + round(month * 30.44) + 8
        there = readers[since[readers] < day * DAY]
        stamp = day * DAY + 8 * HOUR + rng.integers(0, HOUR, len(there))
        add(3 if month % 3 else 4, stamp, customers[there], np.full(len(there), NA), 0.0)
    lapsed = np.flatnonzero(rng.random(len(customers)) < 0.18)
    add(
        2,
        since[lapsed] + 120 * DAY + rng.integers(0, 60 * DAY, len(lapsed)),
        customers[lapsed],
        np.full(len(lapsed), NA),
        0.12,
    )
    frame = concat(parts)
    frame = {name: values[frame["sent"] < timeline.END] for name, values in frame.items()}
    size = len(frame["sent"])
    opened = frame["forced"] | (rng.random(size) < OPEN_RATE[frame["type"]])
    clicked = frame["forced"] | (opened & (rng.random(size) < CLICK_RATE[frame["type"]]))
    open_time = frame["sent"] + np.where(
        frame["forced"], 1200, rng.exponential(5 * HOUR, size) + 60
    ).astype(np.int64)
    click_time = open_time + rng.integers(5, 900, size)
    frame["opened"] = timeline.not_after(np.where(opened, open_time, NA), timeline.END)
    frame["clicked"] = timeline.not_after(
        np.where(clicked & (frame["opened"] != NA), click_time, NA), timeline.END
    )
    keep = np.argsort(frame["sent"], kind="stable")
    return {name: values[keep] for name, values in frame.items()}


def leads(rng: np.random.Generator, online: Frame, customers: np.ndarray, extra: int) -> Frame:
    """Leads of sessions (session, visitor, time, form, customer or NA) and `extra` CRM ones."""
    count = len(online["session"])
    size = count + extra
    lone = np.full(extra, NA)
    created = np.concatenate(
        [online["time"], rng.integers(timeline.ORIGIN * DAY, timeline.END, extra)]
    )
    frame = {
        "session": np.concatenate([online["session"], lone]),
        "visitor": np.concatenate([online["visitor"], lone]),
        "form": np.concatenate([online["form"], np.where(rng.random(extra) < 0.3, 0, -1)]),
        "channel": np.concatenate(
            [np.where(rng.random(count) < 0.1, 0, -1), draw(rng, [2, 2, 1, 1, 3, 1], extra)]
        ),
        "created": created,
    }
    good = rng.random(size) < np.where(frame["form"] == 0, 0.46, 0.34)
    qualified = created + (rng.gamma(1.6, 2.2, size) * DAY).astype(np.int64)
    won = good & (rng.random(size) < 0.42)
    converted = qualified + (rng.gamma(2.0, 9.0, size) * DAY).astype(np.int64)
    lost = ~won & (rng.random(size) < 0.6)
    end = np.where(good, qualified, created) + (rng.gamma(2.0, 14.0, size) * DAY).astype(np.int64)
    frame["qualified"] = timeline.not_after(np.where(good, qualified, NA), timeline.END)
    frame["converted"] = timeline.not_after(np.where(won, converted, NA), timeline.END)
    frame["lost"] = timeline.not_after(np.where(lost, end, NA), timeline.END)
    pick = customers[rng.integers(0, len(customers), size)] if len(customers) else np.full(size, NA)
    own = np.concatenate([online["customer"], lone])
    frame["customer"] = np.where(frame["converted"] != NA, np.where(own != NA, own, pick), NA)
    frame["value"] = np.where(rng.random(size) < 0.7, rng.integers(20, 900, size) * 1000, NA)
    frame["currency"] = np.where(frame["value"] == NA, -1, draw(rng, [0.9, 0.06, 0.04], size))
    frame["currency"] = np.where(frame["currency"] == 2, -1, frame["currency"])
    keep = np.argsort(created, kind="stable")
    return {name: values[keep] for name, values in frame.items()}
