"""Who comes, how often, who buys when: prospects, customers, repeat orders, bots.

All is drawn for one block of persons, who have nothing to do with those of other blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from harness.generate import channels, journeys, timeline
from harness.generate.catalogue import PLACE_SHARE
from harness.generate.frames import DAY, HOUR, NA, Frame, concat, draw, stream, take

GUEST_SHARE = 0.15

# BG/NBD of repeat orders (weeks) and Gamma-Gamma of the spend of a day (EUR, net sales)
BGNBD = {"r": 0.6, "alpha": 10.0, "a": 0.8, "b": 2.5}
GAMMA = {"p": 6.0, "q": 4.0, "gamma": 35.0}

SALES_CHANNELS = ["web", "app", "marketplace", "store", "phone"]
REPEAT_CHANNEL = [0.74, 0.13, 0.04, 0.06, 0.03]
OFFLINE_CHANNEL = [0.0, 0.0, 0.4, 0.42, 0.18]
ACCOUNT_SHARE = 0.12  # of prospects who come back and do not buy: they open an account
SPLIT_DAYS = 0.008  # of purchase days: two orders share the day's spend
LOST_ORDERS = 0.021  # of carts: an order is placed and cancelled, never paid, or a test

# kinds of orders
VALID, GUEST, CANCELLED, UNPAID, TEST_ORDER, TEST_CUSTOMER = range(6)
# kinds of sessions
PROSPECT, CUSTOMER, BUYING, BOT = range(4)

REMINDER_REACH = 0.40  # share of prospects with a last abandoned cart who can be written to
REMINDER_SENT = 0.5  # of these, at random
REMINDER_EFFECT = 0.10  # added chance of an order within four days


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
        "person": person,
        "visitor": person * 3,
        "start": np.zeros(size, dtype=np.int64),
        "device": np.zeros(size, dtype=np.int64),
        "tag": np.zeros(size, dtype=np.int64),
        "order": np.full(size, -1),
        "kind": np.full(size, PROSPECT),
        "cart": np.zeros(size, dtype=bool),
        "known": np.zeros(size, dtype=bool),
    }
    frame.update(columns)
    return frame


def _order_frame(person: np.ndarray, **columns: np.ndarray) -> Frame:
    size = len(person)
    frame = {
        "person": person,
        "time": np.zeros(size, dtype=np.int64),
        "key": np.zeros(size, dtype=np.int64),
        "channel": np.zeros(size, dtype=np.int64),
        "kind": np.full(size, VALID),
        "spend": np.zeros(size),
        "tracked": np.ones(size, dtype=bool),
    }
    frame.update(columns)
    return frame


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


class _Crowd:
    """One block in the making: persons are prospects, then offline customers, then bots."""

    def __init__(self, seed: int, block: int, size: int) -> None:
        self.rng = rng = stream(seed, "people", block)
        self.money = stream(seed, "money", block)
        self.habit = stream(seed, "habit", block)
        self.block, self.size = block, size
        self.offline = max(1, round(size * 0.009))
        self.bots = max(2, round(size * 0.0016))
        self.everyone = everyone = size + self.offline + self.bots
        self.start_day = np.sort(draw(rng, timeline.arrivals(), size))
        self.place = draw(rng, PLACE_SHARE, everyone)
        self.devices = draw(rng, journeys.DEVICE_SHARE, everyone * 3).reshape(everyone, 3)
        self.devices[:, 1] = np.where(self.devices[:, 0] == 1, 0, 1)
        self.several = draw(rng, [0.70, 0.25, 0.05], everyone)
        self.trips = journeys.make_journeys(rng, self.start_day, self.devices, self.several)
        self.scale = self.money.gamma(
            GAMMA["q"], 1 / GAMMA["gamma"], everyone
        )  # of spend, by person
        self.first_order = np.full(everyone, NA)
        self.guest = np.zeros(everyone, dtype=bool)
        self.created = np.full(everyone, NA)
        self.is_test = np.zeros(everyone, dtype=bool)
        self.visits: list[Frame] = []
        self.orders: list[Frame] = []
        self.reminders: Frame = {}
        self.next_key = everyone  # first orders have the person's number as key

    def keys(self, count: int) -> np.ndarray:
        """Keys for further orders."""
        made = self.next_key + np.arange(count)
        self.next_key += count
        return made

    @property
    def is_customer(self) -> np.ndarray:
        """Persons with a valid order who are no guests."""
        return (self.first_order != NA) & ~self.guest

    def prospects(self) -> None:
        """The prospects' own sessions."""
        trips = self.trips
        at = np.nonzero(trips.happens)
        self.visits.append(
            _session_frame(
                at[0],
                visitor=trips.visitor[at],
                start=trips.times[at],
                device=trips.device[at],
                tag=trips.tags[at],
                order=np.where(trips.buying[at], at[0], -1),
                cart=trips.cart[at],
                kind=np.where(trips.buying[at], BUYING, PROSPECT),
            )
        )
        self.first_order[: self.size] = trips.order_time

    def reminded(self) -> None:
        """Reminders of left carts to prospects, at random, and the orders they bring."""
        rng, trips, size = self.rng, self.trips, self.size
        own, last = np.arange(size), trips.last
        left = (trips.order_time == NA) & trips.happens[:, 0] & trips.cart[own, last]
        reach = left & (rng.random(size) < REMINDER_REACH)
        sent = reach & (rng.random(size) < REMINDER_SENT)
        wait = 2 * HOUR + rng.exponential(12 * HOUR, size)
        send_time = trips.times[own, last] + wait.astype(np.int64)
        back_time = send_time + (HOUR + rng.uniform(0, 4 * DAY, size)).astype(np.int64)
        sent &= send_time < timeline.END - HOUR
        back = sent & (rng.random(size) < REMINDER_EFFECT) & (back_time < timeline.END - 2 * HOUR)
        came = np.flatnonzero(back)
        self.visits.append(
            _session_frame(
                came,
                visitor=trips.visitor[came, last[came]],
                start=back_time[came],
                device=trips.device[came, last[came]],
                tag=np.full(len(came), channels.REMINDER_TAG),
                order=came,
                kind=np.full(len(came), BUYING),
            )
        )
        self.reminders = {
            "person": own[sent],
            "visitor": trips.visitor[own, last][sent],
            "time": send_time[sent],
            "worked": back[sent],
        }
        self.first_order[came] = back_time[came]
        trips.credit["reminders"] = np.array([sent.sum(), back.sum(), reach.sum()])

    def accounts(self) -> None:
        """Guests and customers, offline customers, and accounts without an order."""
        rng, trips, size = self.rng, self.trips, self.size
        own = np.arange(size)
        self.guest[:size] = (self.first_order[:size] != NA) & (rng.random(size) < GUEST_SHARE)
        weights = timeline.arrivals() * timeline.buying()
        shop = size + np.arange(self.offline)
        day = draw(rng, weights, self.offline)
        moment = timeline.seconds_of_day(rng, self.offline)
        self.first_order[shop] = (timeline.ORIGIN + day) * DAY + moment
        self.created = np.where(self.is_customer, self.first_order, NA)
        browsing = (self.first_order[:size] == NA) & (trips.happens.sum(axis=1) >= 2)
        account = browsing & (rng.random(size) < ACCOUNT_SHARE)
        opened = trips.times[own, trips.last] + 150
        self.created[:size] = np.where(account, opened, self.created[:size])
        early = self.is_customer[:size] & (trips.order_time != NA) & (trips.step > 0)
        early &= rng.random(size) < 0.3  # the account is older than the first order
        step = np.clip(trips.step, 1, journeys.STEPS - 1) - 1
        self.created[:size] = np.where(early, trips.times[own, step] + 200, self.created[:size])
        if self.block == 0:
            self.is_test[np.flatnonzero(account)[:6]] = True

    def first_orders(self) -> None:
        """First orders of customers, and orders of guests."""
        firsts = np.flatnonzero(self.first_order != NA)
        online = firsts < self.size
        way = draw(self.rng, OFFLINE_CHANNEL, len(firsts))
        self.orders.append(
            _order_frame(
                firsts,
                time=self.first_order[firsts],
                key=firsts,
                spend=spends(self.money, self.scale[firsts]),
                channel=np.where(online, 0, way),
                kind=np.where(self.guest[firsts], GUEST, VALID),
                tracked=online,
            )
        )

    def repeat_orders(self) -> None:
        """Repeat orders by the process, and the sessions around them."""
        rng = self.rng
        members = np.flatnonzero(self.is_customer)
        who, when = repeat_times(self.habit, self.first_order[members], timeline.END)
        who = members[who]
        days = timeline.nudge(rng, when // DAY - timeline.ORIGIN, timeline.local_weights())
        first_day = self.first_order[who] // DAY - timeline.ORIGIN
        who, days = _one_a_day(who, days, first_day)
        amount = spends(self.money, self.scale[who])
        split = np.flatnonzero((rng.random(len(who)) < SPLIT_DAYS) & (amount > 20))
        twice = amount[split] * rng.uniform(0.3, 0.7, len(split))
        amount[split] -= twice
        who, days = np.concatenate([who, who[split]]), np.concatenate([days, days[split]])
        amount = np.concatenate([amount, twice])
        when = (timeline.ORIGIN + days) * DAY + timeline.seconds_of_day(rng, len(who))
        when = np.minimum(when, timeline.END - 2 * HOUR)
        way = draw(rng, REPEAT_CHANNEL, len(who))
        keys = self.keys(len(who))
        self.orders.append(
            _order_frame(who, time=when, key=keys, channel=way, spend=amount, tracked=way <= 1)
        )
        web = way <= 1
        self._buying_sessions(who[web], when[web], keys[web], way[web] == 1)
        self._other_sessions(members, who[web], when[web])

    def _buying_sessions(
        self, buyer: np.ndarray, when: np.ndarray, keys: np.ndarray, app: np.ndarray
    ) -> None:
        rng, size = self.rng, len(buyer)
        pick = np.where(rng.random(size) < 0.3, rng.integers(0, 3, size), 0)
        pick = np.minimum(pick, self.several[buyer])
        tag = draw(rng, channels.CUSTOMER_WEIGHTS, size)
        in_app = np.where(rng.random(size) < 0.3, channels.PUSH_TAG, channels.DIRECT_TAG)
        self.visits.append(
            _session_frame(
                buyer,
                visitor=buyer * 3 + pick,
                start=when,
                tag=np.where(app, in_app, tag),
                order=keys,
                device=np.where(app, 1, self.devices[buyer, pick]),
                kind=np.full(size, BUYING),
                known=np.ones(size, dtype=bool),
            )
        )

    def _other_sessions(self, members: np.ndarray, buyer: np.ndarray, when: np.ndarray) -> None:
        """Sessions before repeat orders, and idle ones, all after the first order."""
        rng = self.rng
        look = np.repeat(np.arange(len(buyer)), rng.poisson(0.9, len(buyer)))
        ago = rng.uniform(0.15, 18, len(look)) * DAY
        near = np.where(ago < journeys.CART_DAYS * DAY, journeys.CART_BEFORE_ORDER, 0.2)
        idle = np.repeat(members, rng.poisson(1.1, len(members)))
        since = self.first_order[idle]
        moment = since + (rng.random(len(idle)) * (timeline.END - since)).astype(np.int64)
        day = timeline.nudge(rng, timeline.day_index(moment), timeline.local_weights())
        moment = (timeline.ORIGIN + day) * DAY + timeline.seconds_of_day(rng, len(idle))
        person = np.concatenate([buyer[look], idle])
        start = np.concatenate([when[look] - ago.astype(np.int64), moment])
        cart = np.concatenate([near, np.full(len(idle), 0.16)])
        good = (start > self.first_order[person] + HOUR) & (start < timeline.END - 2 * HOUR)
        person, start, cart = person[good], start[good], cart[good]
        size = len(person)
        pick = np.where(rng.random(size) < 0.4, rng.integers(0, 3, size), 0)
        pick = np.minimum(pick, self.several[person])
        self.visits.append(
            _session_frame(
                person,
                visitor=person * 3 + pick,
                start=start,
                device=self.devices[person, pick],
                tag=draw(rng, channels.CUSTOMER_WEIGHTS, size),
                kind=np.full(size, CUSTOMER),
                cart=rng.random(size) < cart,
            )
        )

    def test_customers(self) -> None:
        """Orders of internal accounts, four each."""
        who = np.repeat(np.flatnonzero(self.is_test), 4)
        size = len(who)
        span = np.maximum(timeline.END - self.created[who] - 3 * HOUR, 0)
        moment = self.created[who] + (self.rng.random(size) * span).astype(np.int64)
        moment = np.minimum(moment, timeline.END - 2 * HOUR)
        keys = self.keys(size)
        self.visits.append(
            _session_frame(
                who,
                start=moment,
                order=keys,
                kind=np.full(size, BUYING),
                known=np.ones(size, dtype=bool),
            )
        )
        self.orders.append(
            _order_frame(
                who,
                time=moment,
                key=keys,
                spend=self.rng.uniform(5, 400, size),
                kind=np.full(size, TEST_CUSTOMER),
            )
        )

    def lost_orders(self, sessions: Frame) -> None:
        """Some left carts become orders that do not count: cancelled, never paid, tests."""
        rng = self.rng
        free = np.flatnonzero(sessions["cart"] & (sessions["order"] < 0))
        chosen = free[rng.random(len(free)) < LOST_ORDERS]
        keys = self.keys(len(chosen))
        sessions["order"][chosen] = keys
        sessions["cart"][chosen] = False
        who = sessions["person"][chosen]
        self.orders.append(
            _order_frame(
                who,
                time=sessions["start"][chosen],
                key=keys,
                spend=spends(self.money, self.scale[who]),
                kind=draw(rng, [0.74, 0.18, 0.08], len(chosen)) + CANCELLED,
            )
        )

    def no_sales(self, sessions: Frame) -> None:
        """Give some sessions of persons who never buy to the campaigns that sell nothing."""
        person, tag = sessions["person"], sessions["tag"]
        never = (self.first_order[person] == NA) & (sessions["order"] < 0)
        never &= ~np.isin(person, person[sessions["order"] >= 0])
        chance = self.rng.random(len(never))
        social = channels.TAG_CHANNEL[tag] == channels.CHANNELS.index("paid_social")
        sessions["tag"] = np.where(never & social & (chance < 0.06), channels.TEENS_TAG, tag)
        flyer = never & (tag == channels.UNASSIGNED_TAG)
        sessions["tag"] = np.where(flyer & (chance < 0.45), channels.AUDIO_TAG, sessions["tag"])

    def logins(self, sessions: Frame) -> None:
        """Sessions in which the customer is known: when buying, sometimes else."""
        created = self.created[sessions["person"]]
        account = (created != NA) & (sessions["start"] >= created - 300)
        buys = (sessions["order"] >= 0) & self.is_customer[sessions["person"]]
        chance = self.rng.random(len(account)) < 0.4
        sessions["known"] = (sessions["known"] | buys | chance) & account

    def shared_devices(self, sessions: Frame) -> None:
        """Let a few customers use another one's first device, outside of experiments."""
        quiet = np.ones(self.size, dtype=bool)
        for _, start, stop, _, _ in journeys.EXPERIMENTS:
            begin, end = timeline.index_of(start) - 90, timeline.index_of(stop) + 5
            quiet &= (self.start_day < begin) | (self.start_day > end)
        pool = np.flatnonzero(self.is_customer[: self.size] & quiet)
        count = len(pool) // 40
        chosen = self.rng.permutation(pool)[: 2 * count]
        for host, other in zip(chosen[:count], chosen[count:], strict=True):
            sessions["visitor"][sessions["visitor"] == other * 3] = host * 3

    def with_bots(self, sessions: Frame) -> Frame:
        """Sessions of bots added; a few orders of customers are placed by one of them."""
        rng = self.rng
        sessions["bot"] = np.where(rng.random(len(sessions["start"])) < 0.004, -1, 0)
        robot = self.size + self.offline + np.arange(self.bots)
        visits = rng.integers(10, 32, self.bots)
        if self.block == 0:
            visits[0] = 900
        who = np.repeat(robot, visits)
        span = timeline.DAYS * DAY - 2 * HOUR
        moment = timeline.ORIGIN * DAY + (rng.random(len(who)) * span).astype(np.int64)
        noise = _session_frame(
            who, start=moment, device=np.full(len(who), 3), kind=np.full(len(who), BOT)
        )
        noise["bot"] = np.ones(len(who), dtype=np.int64)
        sessions = concat([sessions, noise])
        later = sessions["order"] >= self.everyone
        human = np.flatnonzero((sessions["kind"] == BUYING) & later & sessions["known"])
        chosen = human[rng.permutation(len(human))[: max(1, self.bots // 8)]]
        sessions["bot"][chosen] = 1
        sessions["visitor"][chosen] = robot[-1] * 3
        return sessions


def make_people(seed: int, block: int, size: int) -> People:
    """Simulate one block of `size` prospects and whatever comes with them."""
    crowd = _Crowd(seed, block, size)
    rng = crowd.rng
    crowd.prospects()
    crowd.reminded()
    crowd.accounts()
    crowd.first_orders()
    crowd.repeat_orders()
    crowd.test_customers()
    sessions = concat(crowd.visits)
    crowd.lost_orders(sessions)
    crowd.no_sales(sessions)
    crowd.logins(sessions)
    crowd.shared_devices(sessions)
    sessions = crowd.with_bots(sessions)
    orders = concat(crowd.orders)

    kept = timeline.kept_sessions()[timeline.day_index(sessions["start"])]
    sessions = take(sessions, rng.random(len(kept)) < kept)  # the rest is lost to tracking
    orders["tracked"] &= np.isin(orders["key"], sessions["order"])
    sessions = take(sessions, np.lexsort((sessions["person"], sessions["start"])))
    orders = take(orders, np.lexsort((orders["key"], orders["time"])))
    position = np.full(crowd.next_key + 1, -1)
    position[orders["key"]] = np.arange(len(orders["key"]))
    sessions["order"] = np.where(sessions["order"] >= 0, position[sessions["order"]], -1)

    seen = journeys.assignments(rng, crowd.trips, crowd.everyone)
    reminders = crowd.reminders
    used = np.unique(np.concatenate([f["visitor"] for f in (sessions, seen, reminders)]))
    for frame in (sessions, seen, reminders):
        frame["visitor"] = np.searchsorted(used, frame["visitor"])
    return People(
        place=crowd.place,
        customer=crowd.created,
        first_order=np.where(crowd.is_customer, crowd.first_order, NA),
        is_test=crowd.is_test,
        sessions=sessions,
        orders=orders,
        assignments=seen,
        reminders=reminders,
        visitors=len(used),
        credit=crowd.trips.credit,
        experiment=crowd.trips.experiment,
    )


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
