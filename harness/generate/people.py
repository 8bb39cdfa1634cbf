"""Who comes, how often, and who buys when: prospects' journeys, first orders, repeat orders, bots.

Everything here is drawn for one block of persons, who have nothing to do with those of other blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from harness.generate import channels, timeline
from harness.generate.catalogue import PLACE_COUNTRY, PLACE_SHARE
from harness.generate.frames import DAY, HOUR, NA, Frame, concat, draw, stream, take

STEPS = 8  # sessions of a prospect, at most
STAY = 0.54  # chance that a prospect plans a further session
DEVICES = ["desktop", "mobile", "tablet", "other"]
DEVICE_SHARE = [0.345, 0.59, 0.055, 0.01]
DEVICE_BUYS = np.array([1.45, 0.66, 0.95, 0.6])  # factor on the chance to buy
DEVICE_CART = np.array([0.95, 1.04, 1.0, 0.8])  # factor on the chance to fill a cart
GUEST_SHARE = 0.15

# BG/NBD of repeat orders (weeks) and Gamma-Gamma of the spend of a day (EUR, net sales)
BGNBD = {"r": 0.6, "alpha": 10.0, "a": 0.8, "b": 2.5}
GAMMA = {"p": 6.0, "q": 4.0, "gamma": 35.0}

SALES_CHANNELS = ["web", "app", "marketplace", "store", "phone"]
REPEAT_CHANNEL = [0.74, 0.13, 0.04, 0.06, 0.03]
OFFLINE_CHANNEL = [0.0, 0.0, 0.4, 0.42, 0.18]

# kinds of orders
VALID, GUEST, CANCELLED, UNPAID, TEST_ORDER, TEST_CUSTOMER = range(6)
# kinds of sessions
PROSPECT, CUSTOMER, BUYING, BOT = range(4)

LIFT = 1.30  # factor of the treatment on the chance to buy
EXPERIMENTS = [
    ("EXP-CHECKOUT", date(2025, 1, 13), date(2025, 7, 27), 0.5, LIFT),
    ("EXP-HOMEPAGE", date(2025, 9, 1), date(2025, 10, 31), 0.4, 1.0),
]  # name, first and last day, actual share of treatment, factor

REMINDER_REACH = 0.40  # share of prospects with a last abandoned cart who can be written to
REMINDER_SENT = 0.5  # of these, at random
REMINDER_EFFECT = 0.10  # added chance of an order within four days

CART_BASE = 0.135
CART_RETURNING = 0.05
CART_BEFORE_ORDER = 0.45  # of sessions in the 7 days before an order of the same person


@dataclass
class People:
    """One block's persons, sessions and orders."""

    place: np.ndarray
    customer: np.ndarray  # created_at in seconds, NA for persons without account
    first_order: np.ndarray  # seconds, NA without a valid order
    is_test: np.ndarray
    sessions: Frame
    orders: Frame
    assignments: Frame
    reminders: Frame
    visitors: int = 0
    credit: dict[str, np.ndarray] = field(default_factory=dict)
    experiment: dict[str, float] = field(default_factory=dict)


def _session_frame(person: np.ndarray, **columns: np.ndarray) -> Frame:
    size = len(person)
    frame = {
        "person": person, "visitor": person * 3, "start": np.zeros(size, dtype=np.int64),
        "device": np.zeros(size, dtype=np.int64), "tag": np.zeros(size, dtype=np.int64),
        "order": np.full(size, -1), "kind": np.full(size, PROSPECT),
        "cart": np.zeros(size, dtype=bool), "known": np.zeros(size, dtype=bool),
    }  # fmt: skip
    frame.update(columns)
    return frame


def _order_frame(person: np.ndarray, **columns: np.ndarray) -> Frame:
    size = len(person)
    frame = {
        "person": person, "time": np.zeros(size, dtype=np.int64), "key": np.zeros(size, dtype=np.int64),
        "channel": np.zeros(size, dtype=np.int64), "kind": np.full(size, VALID),
        "spend": np.zeros(size), "tracked": np.ones(size, dtype=bool),
    }  # fmt: skip
    frame.update(columns)
    return frame


def _journeys(rng: np.random.Generator, start_day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
        there[:, step] = there[:, step - 1] & (planned > step) & (times[:, step] < timeline.END - 2 * HOUR)
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
    """Expected first orders by channel: the shares of the sum, and what is lost without each effect."""
    count = len(channels.CHANNELS)
    opens, closes = channels.TAG_OPEN[tags], channels.TAG_CLOSE[tags]
    channel = channels.TAG_CHANNEL[tags]
    alive = np.cumprod(np.concatenate([np.ones((len(times), 1)), 1 - chance[:, :-1]], axis=1), axis=1)
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
        "opened": opened, "closed": closed, "base": np.array([(weight * channels.BASE).sum()]),
        "incremental": without, "total": np.array([total]),
    }  # fmt: skip


def repeat_times(
    rng: np.random.Generator, first: np.ndarray, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Persons' positions and times (seconds) of repeat purchases by the BG/NBD process."""
    size = len(first)
    rate = rng.gamma(BGNBD["r"], 1 / BGNBD["alpha"], size) / (7 * DAY)
    drop = rng.beta(BGNBD["a"], BGNBD["b"], size)
    now = first.astype(float)
    alive = np.arange(size)
    who, when = [], []
    while len(alive):
        now[alive] += rng.standard_exponential(len(alive)) / np.maximum(rate[alive], 1e-12)
        alive = alive[now[alive] < last]
        who.append(alive)
        when.append(now[alive].astype(np.int64))
        alive = alive[rng.random(len(alive)) >= drop[alive]]
    return np.concatenate(who), np.concatenate(when)


def spends(rng: np.random.Generator, person_scale: np.ndarray) -> np.ndarray:
    """Net sales of a purchase day in EUR for each given Gamma rate of a person."""
    return np.maximum(rng.gamma(GAMMA["p"], 1, len(person_scale)) / person_scale, 4.0)


def _assign(
    rng: np.random.Generator, slots: int
) -> list[tuple[np.ndarray, int, int, float]]:
    """For each experiment: whether a visitor would be treated, first and last second, factor."""
    plans = []
    for _, start, stop, share, factor in EXPERIMENTS:
        begin = (timeline.ORIGIN + timeline.index_of(start)) * DAY
        end = (timeline.ORIGIN + timeline.index_of(stop) + 1) * DAY
        plans.append((rng.random(slots) < share, begin, end, factor))
    return plans


def make_people(seed: int, block: int, size: int) -> People:
    """Simulate one block of `size` prospects and whatever comes with them."""
    rng = stream(seed, "people", block)
    arrivals = timeline.arrivals()
    offline = max(1, round(size * 0.009))
    bots = max(2, round(size * 0.0016))
    everyone = size + offline + bots
    start_day = np.sort(draw(rng, arrivals, size))
    place = draw(rng, PLACE_SHARE, everyone)
    devices = draw(rng, DEVICE_SHARE, everyone * 3).reshape(everyone, 3)
    devices[:, 1] = np.where(devices[:, 0] == 1, 0, 1)
    several = draw(rng, [0.70, 0.25, 0.05], everyone)

    # journeys
    times, there = _journeys(rng, start_day)
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
    plans = _assign(rng, everyone * 3)
    day = timeline.day_index(times)
    factor = DEVICE_BUYS[device] * timeline.buying()[day]
    plain = factor.copy()
    for treated, begin, end, lift in plans:
        inside = (times >= begin) & (times < end)
        factor = factor * np.where(inside & treated[visitor], lift, 1.0)
    opens, closes = channels.TAG_OPEN[tags], channels.TAG_CLOSE[tags]
    chance = _chances(times, there, factor, opens, closes)
    hit = rng.random((size, STEPS)) < chance
    bought = hit.any(axis=1)
    step_bought = np.where(bought, hit.argmax(axis=1), STEPS)
    credit = _credits(times, there, factor, tags, chance)
    steps = np.arange(STEPS)[None, :]
    happens = there & (steps <= step_bought[:, None])
    buying = bought[:, None] & (steps == step_bought[:, None])
    experiment = _experiment_truth(times, there, plain, opens, closes, plans, visitor, chance)

    # carts that are left
    order_time = np.where(bought, times[np.arange(size), np.minimum(step_bought, STEPS - 1)], NA)
    before = bought[:, None] & (order_time[:, None] - times <= 6.8 * DAY)
    cart_chance = (CART_BASE + CART_RETURNING * (steps > 0)) * DEVICE_CART[device]
    cart_chance = np.where(before, CART_BEFORE_ORDER, cart_chance)
    cart = happens & ~buying & (rng.random((size, STEPS)) < cart_chance)

    # reminders to prospects, and the orders they bring
    last = np.maximum(happens.sum(axis=1) - 1, 0)
    own = np.arange(size)
    left = ~bought & happens[:, 0] & cart[own, last]
    reach = left & (rng.random(size) < REMINDER_REACH)
    sent = reach & (rng.random(size) < REMINDER_SENT)
    send_time = times[own, last] + (2 * HOUR + rng.exponential(12 * HOUR, size)).astype(np.int64)
    back_time = send_time + (HOUR + rng.uniform(0, 4 * DAY, size)).astype(np.int64)
    sent &= send_time < timeline.END - HOUR
    back = sent & (rng.random(size) < REMINDER_EFFECT) & (back_time < timeline.END - 2 * HOUR)
    credit["reminder"] = np.array([REMINDER_EFFECT * sent.sum()])
    credit["reminders"] = np.array([sent.sum(), back.sum(), reach.sum()])

    at = np.nonzero(happens)
    keys = np.where(buying[at], at[0], -1)
    parts = [
        _session_frame(
            at[0], visitor=visitor[at], start=times[at], device=device[at], tag=tags[at],
            order=keys, cart=cart[at], kind=np.where(buying[at], BUYING, PROSPECT),
        )
    ]  # fmt: skip
    came = np.flatnonzero(back)
    parts.append(
        _session_frame(
            came, visitor=visitor[came, last[came]], start=back_time[came],
            device=device[came, last[came]], tag=np.full(len(came), channels.REMINDER_TAG),
            order=came, kind=np.full(len(came), BUYING),
        )
    )  # fmt: skip
    reminders = {
        "person": own[sent], "visitor": visitor[own, last][sent], "time": send_time[sent],
        "worked": back[sent],
    }  # fmt: skip
    first_order = np.full(everyone, NA)
    first_order[:size] = np.where(bought, order_time, np.where(back, back_time, NA))
    guest = np.zeros(everyone, dtype=bool)
    guest[:size] = (first_order[:size] != NA) & (rng.random(size) < GUEST_SHARE)
    shop_first = size + np.arange(offline)
    off_day = np.minimum(draw(rng, arrivals * timeline.buying(), offline), timeline.DAYS - 1)
    first_order[shop_first] = (timeline.ORIGIN + off_day) * DAY + timeline.seconds_of_day(rng, offline)
    is_customer = (first_order != NA) & ~guest

    # accounts without an order
    browsing = ~bought & ~back & (happens.sum(axis=1) >= 2)
    account = browsing & (rng.random(size) < 0.12)
    created = np.where(is_customer, first_order, NA)
    created[:size] = np.where(account, times[own, last] + 150, created[:size])
    early = is_customer[:size] & bought & (step_bought > 0) & (rng.random(size) < 0.3)
    prior = times[own, np.maximum(np.minimum(step_bought, STEPS - 1) - 1, 0)] + 200
    created[:size] = np.where(early, prior, created[:size])
    is_test = np.zeros(everyone, dtype=bool)
    if block == 0:
        is_test[np.flatnonzero(account)[:6]] = True

    # first orders
    scale = rng.gamma(GAMMA["q"], 1 / GAMMA["gamma"], everyone)
    firsts = np.flatnonzero(first_order != NA)
    online = firsts < size
    offline_channel = draw(rng, OFFLINE_CHANNEL, len(firsts))
    orders = [
        _order_frame(
            firsts, time=first_order[firsts], key=firsts, spend=spends(rng, scale[firsts]),
            channel=np.where(online, 0, offline_channel), kind=np.where(guest[firsts], GUEST, VALID),
            tracked=online,
        )
    ]  # fmt: skip
    next_key = everyone

    # repeat orders
    members = np.flatnonzero(is_customer)
    who, when = repeat_times(rng, first_order[members], timeline.END)
    who = members[who]
    days = timeline.nudge(rng, when // DAY - timeline.ORIGIN, timeline.local_weights())
    first_day = first_order[who] // DAY - timeline.ORIGIN
    who, days = _one_a_day(who, days, first_day)
    amount = spends(rng, scale[who])
    split = np.flatnonzero((rng.random(len(who)) < 0.008) & (amount > 20))
    share = rng.uniform(0.3, 0.7, len(split))
    twice = amount[split] * share
    amount[split] -= twice
    who, days = np.concatenate([who, who[split]]), np.concatenate([days, days[split]])
    amount = np.concatenate([amount, twice])
    when = (timeline.ORIGIN + days) * DAY + timeline.seconds_of_day(rng, len(who))
    when = np.minimum(when, timeline.END - 2 * HOUR)
    way = draw(rng, REPEAT_CHANNEL, len(who))
    keys = next_key + np.arange(len(who))
    next_key += len(who)
    orders.append(
        _order_frame(who, time=when, key=keys, channel=way, spend=amount, tracked=way <= 1)
    )

    # sessions of customers: those that buy, those before them, idle ones
    web = way <= 1
    buyer, bought_at, key = who[web], when[web], keys[web]
    pick = np.minimum(np.where(rng.random(len(buyer)) < 0.3, rng.integers(0, 3, len(buyer)), 0), several[buyer])
    app = way[web] == 1
    tag = draw(rng, channels.CUSTOMER_WEIGHTS, len(buyer))
    tag = np.where(app, np.where(rng.random(len(buyer)) < 0.3, channels.PUSH_TAG, 0), tag)
    parts.append(
        _session_frame(
            buyer, visitor=buyer * 3 + pick, start=bought_at, tag=tag, order=key,
            device=np.where(app, 1, devices[buyer, pick]), kind=np.full(len(buyer), BUYING),
            known=np.ones(len(buyer), dtype=bool),
        )
    )  # fmt: skip
    look = np.repeat(np.arange(len(buyer)), rng.poisson(0.9, len(buyer)))
    ago = rng.uniform(0.15, 18, len(look)) * DAY
    parts.append(_visits(rng, buyer[look], bought_at[look] - ago.astype(np.int64), several, devices,
                         np.where(ago < 6.8 * DAY, CART_BEFORE_ORDER, 0.2)))  # fmt: skip
    idle = np.repeat(members, rng.poisson(1.1, len(members)))
    moment = first_order[idle] + (rng.random(len(idle)) * (timeline.END - first_order[idle])).astype(np.int64)
    idle_day = timeline.nudge(rng, timeline.day_index(moment), timeline.local_weights())
    moment = (timeline.ORIGIN + idle_day) * DAY + timeline.seconds_of_day(rng, len(idle))
    parts.append(_visits(rng, idle, moment, several, devices, np.full(len(idle), 0.16)))
    for number in (3, 4):
        late = parts[number]["start"] <= first_order[parts[number]["person"]] + HOUR
        late |= parts[number]["start"] >= timeline.END - 2 * HOUR
        parts[number] = take(parts[number], ~late)
    tested = np.repeat(np.flatnonzero(is_test), 4)
    if len(tested):
        moment = created[tested] + (rng.random(len(tested)) * (timeline.END - created[tested] - 3 * HOUR)).astype(np.int64)
        keys = next_key + np.arange(len(tested))
        next_key += len(tested)
        parts.append(
            _session_frame(
                tested, start=moment, order=keys, kind=np.full(len(tested), BUYING),
                known=np.ones(len(tested), dtype=bool),
            )
        )  # fmt: skip
        orders.append(
            _order_frame(tested, time=moment, key=keys, spend=rng.uniform(5, 400, len(tested)),
                         kind=np.full(len(tested), TEST_CUSTOMER))
        )  # fmt: skip
    sessions = concat(parts)

    # orders that do not count: cancelled, never paid, tests
    free = np.flatnonzero(sessions["cart"] & (sessions["order"] < 0))
    failed = free[rng.random(len(free)) < 0.021]
    keys = next_key + np.arange(len(failed))
    next_key += len(failed)
    sessions["order"][failed] = keys
    sessions["cart"][failed] = False
    who = sessions["person"][failed]
    orders.append(
        _order_frame(
            who, time=sessions["start"][failed], key=keys, spend=spends(rng, scale[who]),
            kind=draw(rng, [0.74, 0.18, 0.08], len(failed)) + CANCELLED,
        )
    )  # fmt: skip

    sessions = _relabel(rng, sessions, first_order)
    sessions["known"] |= (sessions["order"] >= 0) & is_customer[sessions["person"]]
    logged = (created[sessions["person"]] != NA) & (sessions["start"] >= created[sessions["person"]] - 300)
    sessions["known"] = (sessions["known"] | (rng.random(len(logged)) < 0.4)) & logged
    sessions = _share_devices(rng, sessions, first_order, is_customer, start_day)
    sessions["bot"] = np.where(rng.random(len(sessions["start"])) < 0.004, -1, 0)
    orders = concat(orders)

    # bots
    robot = size + offline + np.arange(bots)
    visits = rng.integers(10, 32, bots)
    if block == 0:
        visits[0] = 900
    who = np.repeat(robot, visits)
    moment = (timeline.ORIGIN * DAY + rng.random(len(who)) * (timeline.DAYS * DAY - 2 * HOUR)).astype(np.int64)
    noise = _session_frame(who, start=moment, device=np.full(len(who), 3), kind=np.full(len(who), BOT))
    noise["bot"] = np.ones(len(who), dtype=np.int64)
    sessions = concat([sessions, noise])
    human = np.flatnonzero((sessions["kind"] == BUYING) & (sessions["order"] >= everyone) & sessions["known"])
    by_bot = human[rng.permutation(len(human))[: max(1, bots // 8)]]
    sessions["bot"][by_bot] = 1
    sessions["visitor"][by_bot] = robot[-1] * 3

    # what tracking lost
    kept = timeline.kept_sessions()[timeline.day_index(sessions["start"])]
    sessions = take(sessions, rng.random(len(kept)) < kept)
    orders["tracked"] &= np.isin(orders["key"], sessions["order"])
    order = np.lexsort((sessions["person"], sessions["start"]))
    sessions = take(sessions, order)
    orders = take(orders, np.lexsort((orders["key"], orders["time"])))
    position = np.full(next_key + 1, -1)
    position[orders["key"]] = np.arange(len(orders["key"]))
    sessions["order"] = np.where(sessions["order"] >= 0, position[sessions["order"]], -1)

    assignments = _assignments(rng, block, times, happens, visitor, plans, everyone)
    used = np.unique(
        np.concatenate([sessions["visitor"], assignments["visitor"], reminders["visitor"]])
    )
    for frame in (sessions, assignments, reminders):
        frame["visitor"] = np.searchsorted(used, frame["visitor"])
    return People(
        place=place, customer=created, first_order=np.where(is_customer, first_order, NA),
        is_test=is_test, sessions=sessions, orders=orders, assignments=assignments,
        reminders=reminders, visitors=len(used), credit=credit, experiment=experiment,
    )  # fmt: skip


def _one_a_day(
    who: np.ndarray, days: np.ndarray, first_day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Purchases sorted, each on a day of its own after the first order's: the next free one."""
    order = np.lexsort((days, who))
    who, days, first_day = who[order], days[order], first_day[order]
    rank = np.arange(len(who)) - np.searchsorted(who, who)
    span = 10_000
    lowest = np.maximum(days - rank, first_day + 1) + who * span
    days = np.maximum.accumulate(lowest) - who * span + rank
    inside = days < timeline.DAYS
    return who[inside], days[inside]


def _visits(
    rng: np.random.Generator, person: np.ndarray, start: np.ndarray, several: np.ndarray,
    devices: np.ndarray, cart: np.ndarray,
) -> Frame:  # fmt: skip
    """Sessions of customers that do not buy."""
    size = len(person)
    pick = np.where(rng.random(size) < 0.4, rng.integers(0, 3, size), 0)
    pick = np.minimum(pick, several[person])
    return _session_frame(
        person, visitor=person * 3 + pick, start=start, device=devices[person, pick],
        tag=draw(rng, channels.CUSTOMER_WEIGHTS, size), kind=np.full(size, CUSTOMER),
        cart=rng.random(size) < cart,
    )  # fmt: skip


def _relabel(rng: np.random.Generator, sessions: Frame, first_order: np.ndarray) -> Frame:
    """Give some sessions of persons who never buy to the campaigns that sell nothing."""
    never = (first_order[sessions["person"]] == NA) & (sessions["order"] < 0)
    never &= ~np.isin(sessions["person"], sessions["person"][sessions["order"] >= 0])
    chance = rng.random(len(never))
    social = never & (channels.TAG_CHANNEL[sessions["tag"]] == channels.CHANNELS.index("paid_social"))
    sessions["tag"] = np.where(social & (chance < 0.06), channels.TEENS_TAG, sessions["tag"])
    other = never & (sessions["tag"] == channels.UNASSIGNED_TAG)
    sessions["tag"] = np.where(other & (chance < 0.45), channels.AUDIO_TAG, sessions["tag"])
    return sessions


def _share_devices(
    rng: np.random.Generator, sessions: Frame, first_order: np.ndarray, is_customer: np.ndarray,
    start_day: np.ndarray,
) -> Frame:  # fmt: skip
    """Let a few customers use the first device of another one (outside of experiments)."""
    spans = [(timeline.index_of(a) - 90, timeline.index_of(b) + 5) for _, a, b, _, _ in EXPERIMENTS]
    quiet = np.ones(len(start_day), dtype=bool)
    for begin, end in spans:
        quiet &= (start_day < begin) | (start_day > end)
    pool = np.flatnonzero(is_customer[: len(start_day)] & quiet)
    count = len(pool) // 60
    chosen = rng.permutation(pool)[: 2 * count]
    for host, other in zip(chosen[:count], chosen[count:], strict=True):
        sessions["visitor"][sessions["visitor"] == other * 3] = host * 3
    return sessions


def _assignments(
    rng: np.random.Generator, block: int, times: np.ndarray, happens: np.ndarray,
    visitor: np.ndarray, plans: list[tuple[np.ndarray, int, int, float]], everyone: int,
) -> Frame:  # fmt: skip
    """Who saw which variant, from the first prospect's session inside the experiment on."""
    made = []
    for number, (treated, begin, end, _) in enumerate(plans):
        inside = happens & (times >= begin) & (times < end)
        first = np.full(everyone * 3, np.iinfo(np.int64).max)
        np.minimum.at(first, visitor[inside], times[inside])
        who = np.flatnonzero(first < np.iinfo(np.int64).max)
        made.append(
            {"experiment": np.full(len(who), number), "visitor": who,
             "treated": treated[who].astype(np.int64), "time": first[who]}
        )  # fmt: skip
        both = rng.permutation(len(who))[: max(1, len(who) // 700)]
        twice = take(made[-1], both)
        twice["treated"] = 1 - twice["treated"]
        twice["time"] = twice["time"] + rng.integers(HOUR, 3 * DAY, len(both))
        made.append(twice)
        absent = everyone * 3 + number * 100_000 + np.arange(max(1, len(who) // 250))
        made.append(
            {"experiment": np.full(len(absent), number), "visitor": absent,
             "treated": (rng.random(len(absent)) < EXPERIMENTS[number][3]).astype(np.int64),
             "time": rng.integers(begin, end, len(absent))}
        )  # fmt: skip
    frame = concat(made)
    return take(frame, np.lexsort((frame["treated"], frame["visitor"], frame["experiment"])))


def _experiment_truth(
    times: np.ndarray, there: np.ndarray, plain: np.ndarray, opens: np.ndarray, closes: np.ndarray,
    plans: list[tuple[np.ndarray, int, int, float]], visitor: np.ndarray, chance: np.ndarray,
) -> dict[str, float]:  # fmt: skip
    """Expected converting persons of the first experiment if nobody and if everybody were treated."""
    _, begin, end, lift = plans[0]
    inside = there & (times >= begin) & (times < end)
    anyone = inside.any(axis=1)
    none = _chances(times, there, plain, opens, closes)
    full = _chances(times, there, plain * np.where(inside, lift, 1.0), opens, closes)
    result = {}
    for name, given in (("control", none), ("treatment", full)):
        alive = np.cumprod(np.concatenate([np.ones((len(times), 1)), 1 - given[:, :-1]], axis=1), axis=1)
        result[name] = float((alive * given * inside)[anyone].sum())
    return result
