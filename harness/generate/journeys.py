"""Prospects: when they come, through which channel, and in which session they buy.

Arrays have one row a prospect and one column a session. What each channel truly brings is computed
from the same chances, so it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from harness.generate import channels, timeline
from harness.generate.frames import DAY, HOUR, NA, Frame, concat, draw, take

STEPS = 8  # sessions of a prospect, at most
STAY = 0.54  # chance that a prospect plans a further session
DEVICES = ["desktop", "mobile", "tablet", "other"]
DEVICE_SHARE = [0.345, 0.59, 0.055, 0.01]
DEVICE_BUYS = np.array([1.45, 0.66, 0.95, 0.6])  # factor on the chance to buy
DEVICE_CART = np.array([0.95, 1.04, 1.0, 0.8])  # factor on the chance to fill a cart

LIFT = 1.30  # factor of the treatment on the chance to buy
EXPERIMENTS = [
    ("EXP-CHECKOUT", date(2025, 1, 13), date(2025, 7, 27), 0.5, LIFT),
    ("EXP-HOMEPAGE", date(2025, 9, 1), date(2025, 10, 31), 0.4, 1.0),
]  # name, first and last day, actual share of treatment, factor

CART_BASE = 0.135
CART_RETURNING = 0.05
CART_BEFORE_ORDER = 0.45  # of sessions in the 7 days before an order of the same person
CART_DAYS = 6.8  # the 7 days less the length of a session

Plan = tuple[np.ndarray, int, int, float]  # visitor treated, first and last second, factor


@dataclass
class Journeys:
    """Prospects' sessions. `happens`: takes place; `there`: would, had nobody bought."""

    times: np.ndarray
    tags: np.ndarray
    device: np.ndarray
    visitor: np.ndarray
    there: np.ndarray
    happens: np.ndarray
    buying: np.ndarray
    cart: np.ndarray
    order_time: np.ndarray  # by prospect, NA without purchase
    step: np.ndarray  # by prospect, the session of the purchase
    last: np.ndarray  # by prospect, the last session that takes place
    credit: dict[str, np.ndarray]
    experiment: dict[str, float]
    plans: list[Plan]


def _visits(rng: np.random.Generator, start_day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times (persons x steps) of planned sessions and whether they take place."""
    size = len(start_day)
    times = np.full((size, STEPS), NA)
    there = np.zeros((size, STEPS), dtype=bool)
    planned = 1 + np.floor(np.log(1 - rng.random(size)) / np.log(STAY)).astype(np.int64)
    weights = timeline.local_weights()
    times[:, 0] = (timeline.ORIGIN + start_day) * DAY + timeline.seconds_of_day(rng, size)
    there[:, 0] = times[:, 0] < timeline.END - 2 * HOUR
    for step in range(1, STEPS):
        soon = rng.random(size) < 0.25
        wait = np.where(soon, rng.exponential(4 * HOUR, size), rng.exponential(6.5 * DAY, size))
        times[:, step] = times[:, step - 1] + 3 * HOUR + wait.astype(np.int64)
        there[:, step] = (
            there[:, step - 1] & (planned > step) & (times[:, step] < timeline.END - 2 * HOUR)
        )
        moved = np.flatnonzero(there[:, step] & ~soon)
        days = timeline.nudge(rng, times[moved, step] // DAY - timeline.ORIGIN, weights)
        later = (timeline.ORIGIN + days) * DAY + timeline.seconds_of_day(rng, len(moved))
        times[moved, step] = np.maximum(later, times[moved, step - 1] + 3 * HOUR)
        there[:, step] &= times[:, step] < timeline.END - 2 * HOUR
    return times, there


def _chances(
    times: np.ndarray, there: np.ndarray, factor: np.ndarray, opens: np.ndarray, closes: np.ndarray
) -> np.ndarray:
    """Chance to buy in each session, given no purchase before."""
    chance = np.zeros(times.shape)
    for step in range(STEPS):
        total = channels.BASE + closes[:, step]
        for earlier in range(step):
            near = times[:, step] - times[:, earlier] <= channels.OPENER_DAYS * DAY
            total = total + opens[:, earlier] * near
        chance[:, step] = np.where(there[:, step], np.minimum(factor[:, step] * total, 0.75), 0)
    return chance


def _credits(
    times: np.ndarray, there: np.ndarray, factor: np.ndarray, tags: np.ndarray, chance: np.ndarray
) -> dict[str, np.ndarray]:
    """Expected first orders by channel: shares of the sum, and what is lost without it."""
    count = len(channels.CHANNELS)
    opens, closes = channels.TAG_OPEN[tags], channels.TAG_CLOSE[tags]
    channel = channels.TAG_CHANNEL[tags]
    alive = np.cumprod(
        np.concatenate([np.ones((len(times), 1)), 1 - chance[:, :-1]], axis=1), axis=1
    )
    weight = alive * factor * there
    opened, closed = np.zeros(count), np.zeros(count)
    for step in range(STEPS):
        closed += np.bincount(channel[:, step], weight[:, step] * closes[:, step], count)
        for earlier in range(step):
            near = times[:, step] - times[:, earlier] <= channels.OPENER_DAYS * DAY
            part = weight[:, step] * opens[:, earlier] * near
            opened += np.bincount(channel[:, earlier], part, count)
    total = (1 - np.prod(1 - chance, axis=1)).sum()
    without = np.zeros(count)
    for number in range(count):
        other = channel != number
        lower = _chances(times, there, factor, opens * other, closes * other)
        without[number] = total - (1 - np.prod(1 - lower, axis=1)).sum()
    return {
        "opened": opened,
        "closed": closed,
        "base": np.array([(weight * channels.BASE).sum()]),
        "incremental": without,
        "total": np.array([total]),
    }


def _plans(rng: np.random.Generator, slots: int) -> list[Plan]:
    """For each experiment: whether a visitor would be treated, first and last second, factor."""
    plans = []
    for _, start, stop, share, factor in EXPERIMENTS:
        begin = (timeline.ORIGIN + timeline.index_of(start)) * DAY
        end = (timeline.ORIGIN + timeline.index_of(stop) + 1) * DAY
        plans.append((rng.random(slots) < share, begin, end, factor))
    return plans


def make_journeys(
    rng: np.random.Generator, start_day: np.ndarray, devices: np.ndarray, several: np.ndarray
) -> Journeys:
    """Simulate prospects who arrive on the given days; devices and several are by person."""
    size, everyone = len(start_day), len(devices)
    times, there = _visits(rng, start_day)
    tags = np.concatenate(
        [
            draw(rng, channels.FIRST_WEIGHTS, size)[:, None],
            draw(rng, channels.LATER_WEIGHTS, size * (STEPS - 1)).reshape(size, STEPS - 1),
        ],
        axis=1,
    )
    slot = np.where(rng.random((size, STEPS)) < 0.28, rng.integers(0, 3, (size, STEPS)), 0)
    slot = np.minimum(slot, several[:size, None])
    rows = np.arange(size)[:, None]
    device = devices[rows, slot]
    visitor = rows * 3 + slot
    plans = _plans(rng, everyone * 3)
    plain = DEVICE_BUYS[device] * timeline.buying()[timeline.day_index(times)]
    factor = plain.copy()
    for treated, begin, end, lift in plans:
        inside = (times >= begin) & (times < end)
        factor = factor * np.where(inside & treated[visitor], lift, 1.0)
    opens, closes = channels.TAG_OPEN[tags], channels.TAG_CLOSE[tags]
    chance = _chances(times, there, factor, opens, closes)
    hit = rng.random((size, STEPS)) < chance
    bought = hit.any(axis=1)
    step = np.where(bought, hit.argmax(axis=1), STEPS)
    steps = np.arange(STEPS)[None, :]
    happens = there & (steps <= step[:, None])
    buying = bought[:, None] & (steps == step[:, None])
    credit = _credits(times, there, factor, tags, chance)
    closer = channels.TAG_CHANNEL[tags[buying]]
    credit["last_click"] = np.bincount(closer, minlength=len(channels.CHANNELS))

    order_time = np.where(bought, times[np.arange(size), np.minimum(step, STEPS - 1)], NA)
    before = bought[:, None] & (order_time[:, None] - times <= CART_DAYS * DAY)
    cart_chance = (CART_BASE + CART_RETURNING * (steps > 0)) * DEVICE_CART[device]
    cart_chance = np.where(before, CART_BEFORE_ORDER, cart_chance)
    cart = happens & ~buying & (rng.random((size, STEPS)) < cart_chance)
    return Journeys(
        times=times,
        tags=tags,
        device=device,
        visitor=visitor,
        there=there,
        happens=happens,
        buying=buying,
        cart=cart,
        order_time=order_time,
        step=step,
        last=np.maximum(happens.sum(axis=1) - 1, 0),
        credit=credit,
        experiment=_experiment_truth(times, there, plain, opens, closes, plans),
        plans=plans,
    )


def assignments(
    rng: np.random.Generator,
    trips: Journeys,
    everyone: int,
) -> Frame:
    """Who saw which variant, from the first prospect's session inside the experiment on."""
    made = []
    for number, (treated, begin, end, _) in enumerate(trips.plans):
        inside = trips.happens & (trips.times >= begin) & (trips.times < end)
        first = np.full(everyone * 3, np.iinfo(np.int64).max)
        np.minimum.at(first, trips.visitor[inside], trips.times[inside])
        who = np.flatnonzero(first < np.iinfo(np.int64).max)
        made.append(
            {
                "experiment": np.full(len(who), number),
                "visitor": who,
                "treated": treated[who].astype(np.int64),
                "time": first[who],
            }
        )
        both = rng.permutation(len(who))[: max(1, len(who) // 700)]
        twice = take(made[-1], both)
        twice["treated"] = 1 - twice["treated"]
        twice["time"] = twice["time"] + rng.integers(HOUR, 3 * DAY, len(both))
        made.append(twice)
        absent = everyone * 3 + number * 100_000 + np.arange(max(1, len(who) // 250))
        made.append(
            {
                "experiment": np.full(len(absent), number),
                "visitor": absent,
                "treated": (rng.random(len(absent)) < EXPERIMENTS[number][3]).astype(np.int64),
                "time": rng.integers(begin, end, len(absent)),
            }
        )
    frame = concat(made)
    return take(frame, np.lexsort((frame["treated"], frame["visitor"], frame["experiment"])))


def _experiment_truth(
    times: np.ndarray,
    there: np.ndarray,
    plain: np.ndarray,
    opens: np.ndarray,
    closes: np.ndarray,
    plans: list[Plan],
) -> dict[str, float]:
    """Expected buyers in the first experiment, if nobody and if everybody were treated."""
    _, begin, end, lift = plans[0]
    inside = there & (times >= begin) & (times < end)
    anyone = inside.any(axis=1)
    none = _chances(times, there, plain, opens, closes)
    full = _chances(times, there, plain * np.where(inside, lift, 1.0), opens, closes)
    result = {}
    for name, given in (("control", none), ("treatment", full)):
        alive = np.cumprod(
            np.concatenate([np.ones((len(times), 1)), 1 - given[:, :-1]], axis=1), axis=1
        )
        result[name] = float((alive * given * inside)[anyone].sum())
    return result
