"""The shop's calendar: seasons, events, planted anomalies, exchange rates, hours of the day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from harness.generate.frames import DAY, HOUR, NA, stream

FIRST = date(2024, 1, 1)
LAST = date(2025, 12, 31)
ORIGIN = (FIRST - date(1970, 1, 1)).days  # days since 1970 of the first day
DAYS = (LAST - FIRST).days + 1
END = (ORIGIN + DAYS) * DAY  # the second after the last day

GROWTH_PER_YEAR = 0.22  # of arriving visitors
WEEKDAY = np.array([1.06, 1.01, 0.98, 0.96, 0.90, 0.94, 1.15])  # Monday first
MONTH = np.array([1.02, 0.90, 0.95, 1.02, 1.08, 1.02, 0.90, 0.84, 0.96, 0.98, 1.18, 1.15])

# date, days it lasts, factor on arrivals, factor on the chance to buy, name
EVENTS = [
    (date(2024, 1, 10), 5, 1.35, 1.15, "winter sales"),
    (date(2024, 6, 26), 5, 1.30, 1.15, "summer sales"),
    (date(2024, 11, 29), 1, 2.40, 1.35, "Black Friday"),
    (date(2024, 12, 2), 1, 1.80, 1.25, "Cyber Monday"),
    (date(2024, 12, 25), 1, 0.45, 0.80, "Christmas Day"),
    (date(2025, 1, 8), 5, 1.35, 1.15, "winter sales"),
    (date(2025, 6, 25), 5, 1.30, 1.15, "summer sales"),
    (date(2025, 11, 28), 1, 2.60, 1.35, "Black Friday"),
    (date(2025, 12, 1), 1, 1.85, 1.25, "Cyber Monday"),
    (date(2025, 12, 25), 1, 0.45, 0.80, "Christmas Day"),
]

# date, kpi it shows in, direction, factor, what happened
ANOMALIES = [
    (date(2024, 9, 17), "sessions", "down", 0.25, "tracking outage: three of four sessions lost"),
    (date(2025, 2, 11), "orders", "down", 0.20, "payment outage: four of five buyers fail"),
    (date(2025, 5, 6), "sessions", "up", 2.80, "a video goes viral: many visitors, few buy"),
    (date(2025, 10, 14), "sessions", "down", 0.20, "tracking outage: four of five sessions lost"),
]

HOURS = np.array(
    [6, 3, 2, 1, 1, 2, 5, 10, 18, 25, 29, 31, 33, 32, 29, 28, 29, 32, 37, 45, 54, 52, 38, 18],
    dtype=float,
)

LOAD_HOUR = 3  # the nightly load


def index_of(day: date) -> int:
    """The day's position, 0 on the first day."""
    return (day - FIRST).days


def day_of(index: int) -> date:
    """The date at a position."""
    return FIRST + timedelta(days=int(index))


def months() -> np.ndarray:
    """For each day its month as a position, 0 in the first month."""
    return np.array([(day_of(i).year - FIRST.year) * 12 + day_of(i).month - 1 for i in range(DAYS)])


def month_names() -> list[str]:
    """The months as YYYY-MM."""
    return sorted({day_of(i).strftime("%Y-%m") for i in range(DAYS)})


def arrivals() -> np.ndarray:
    """Relative number of arriving visitors by day: growth x month x weekday x events x peak."""
    days = [day_of(i) for i in range(DAYS)]
    weights = np.array(
        [
            (1 + GROWTH_PER_YEAR) ** (i / 365) * MONTH[day.month - 1] * WEEKDAY[day.weekday()]
            for i, day in enumerate(days)
        ]
    )
    for start, length, factor, _, _ in EVENTS:
        for i in range(length):
            weights[index_of(start) + i] *= 1 + (factor - 1) * (1 - i / (2 * length))
    for day, kpi, direction, factor, _ in ANOMALIES:
        if kpi == "sessions" and direction == "up":
            weights[index_of(day)] *= factor
    return weights


def buying() -> np.ndarray:
    """Factor on the chance to buy by day."""
    factors = np.ones(DAYS)
    for start, length, _, factor, _ in EVENTS:
        factors[index_of(start) : index_of(start) + length] *= factor
    for day, kpi, direction, factor, _ in ANOMALIES:
        if kpi == "orders":
            factors[index_of(day)] *= factor
        elif direction == "up":
            factors[index_of(day)] *= 0.4
    return factors


def kept_sessions() -> np.ndarray:
    """Share of sessions that tracking keeps, by day."""
    kept = np.ones(DAYS)
    for day, kpi, direction, factor, _ in ANOMALIES:
        if kpi == "sessions" and direction == "down":
            kept[index_of(day)] = factor
    return kept


def local_weights() -> np.ndarray:
    """Relative weight of a day against its neighbours, for orders that move by a few days."""
    weekday = np.array([WEEKDAY[day_of(i).weekday()] for i in range(DAYS)])
    weights = weekday * buying()
    for start, length, factor, _, _ in EVENTS:
        weights[index_of(start) : index_of(start) + length] *= factor**0.5
    return weights


def nudge(rng: np.random.Generator, days: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Days moved by at most three, towards days of more weight; the rate over weeks stays."""
    shifts = np.arange(-3, 4)
    kernel = np.array([0.35, 0.65, 0.9, 1.0, 0.9, 0.65, 0.35])
    padded = np.concatenate([np.zeros(3), weights, np.zeros(3)])
    table = np.stack([padded[3 + s : 3 + s + len(weights)] for s in shifts], axis=1) * kernel
    total = np.cumsum(table, axis=1)[days]
    position = (total < (rng.random(len(days)) * total[:, -1])[:, None]).sum(axis=1)
    return days + shifts[np.minimum(position, 6)]


def seconds_of_day(rng: np.random.Generator, size: int) -> np.ndarray:
    """Times of the day in seconds, by the shop's hours."""
    total = np.cumsum(HOURS)
    hour = np.searchsorted(total, rng.random(size) * total[-1], side="right")
    return np.minimum(hour, 23) * HOUR + rng.integers(0, HOUR, size)


def day_index(seconds: np.ndarray) -> np.ndarray:
    """Position of the day that holds a time, within the two years."""
    return np.clip(seconds // DAY - ORIGIN, 0, DAYS - 1)


def loaded_after(
    rng: np.random.Generator, *times: np.ndarray, late_share: float = 0.01
) -> np.ndarray:
    """The nightly load after the last of the given times; a few rows come days late."""
    last = times[0]
    for other in times[1:]:
        last = np.maximum(last, other)  # NA is the smallest number
    nights = np.where(rng.random(len(last)) < late_share, rng.integers(2, 7, len(last)), 0)
    return (last // DAY + 1 + nights) * DAY + LOAD_HOUR * HOUR


def exchange_rates(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """GBP to EUR: days since 1970 (weekdays only, from 2023-12-27 on) and rates in millionths."""
    rng = stream(seed, "fx")
    start = ORIGIN - 5
    days = np.array(
        [
            d
            for d in range(start, ORIGIN + DAYS)
            if (date(1970, 1, 1) + timedelta(days=d)).weekday() < 5
        ]
    )
    rates = np.empty(len(days))
    rate = 1.153
    for i, move in enumerate(rng.normal(0, 0.0028, len(days))):
        rate += move + 0.02 * (1.172 - rate)
        rates[i] = rate
    return days, np.round(rates * 1_000_000).astype(np.int64)


def rate_by_day(seed: int) -> np.ndarray:
    """GBP to EUR in millionths for each of the days: that of the latest day on or before it."""
    days, rates = exchange_rates(seed)
    wanted = ORIGIN + np.arange(DAYS + 400)
    return rates[np.searchsorted(days, wanted, side="right") - 1]


def not_after(times: np.ndarray, limit: int) -> np.ndarray:
    """Times, null where they are not before the limit."""
    return np.where(times < limit, times, NA)
