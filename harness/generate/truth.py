"""What was planted, added up in whole numbers, for tests to hold the figures against."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from harness.generate import channels, events, timeline
from harness.generate.catalogue import PRODUCTS, WAREHOUSES
from harness.generate.spend import LANDS

MONTHS = 24


class Truth:
    """Sums over blocks. Money is kept in 1e-8 EUR: hundredths times a rate in millionths."""

    def __init__(self) -> None:
        self.counts: dict[str, np.ndarray] = {}
        self.money: dict[str, np.ndarray] = {}
        self.credit: dict[str, np.ndarray] = {}
        self.experiment: dict[str, float] = {}
        self.plain: dict[str, int] = {}
        days = timeline.DAYS
        self.sold = np.zeros((days, PRODUCTS, len(WAREHOUSES)), dtype=np.int64)
        shape = (days, len(channels.CAMPAIGNS), len(LANDS))
        self.clicks = np.zeros(shape, dtype=np.int64)
        self.touched = np.zeros(shape, dtype=np.int64)
        self.touched_value = np.zeros(shape)
        self.causes = np.zeros((2, len(events.CAUSES)), dtype=np.int64)
        self.cause_value = np.zeros(len(events.CAUSES), dtype=np.int64)
        self.late_scores: dict[int, list[int]] = {}

    def count(self, name: str, months: np.ndarray) -> None:
        """Add one for each month position."""
        self.counts.setdefault(name, np.zeros(MONTHS, dtype=np.int64))
        self.counts[name] += np.bincount(months, minlength=MONTHS)

    def add_money(self, name: str, months: np.ndarray, exact: np.ndarray) -> None:
        """Add exact amounts (1e-8 EUR) by month position."""
        self.money.setdefault(name, np.zeros(MONTHS, dtype=np.int64))
        np.add.at(self.money[name], months, exact)

    def add(self, name: str, number: int) -> None:
        """Add to a plain count."""
        self.plain[name] = self.plain.get(name, 0) + int(number)

    def add_credit(self, credit: dict[str, np.ndarray], experiment: dict[str, float]) -> None:
        """Add a block's expected credits."""
        for name, values in credit.items():
            self.credit[name] = self.credit.get(name, 0) + values
        for name, value in experiment.items():
            self.experiment[name] = self.experiment.get(name, 0.0) + value

    def add_scores(self, late: np.ndarray, score: np.ndarray) -> None:
        """Count NPS answers by days late: promoters, detractors, all."""
        late = np.clip(late, 0, 7)
        for days in np.unique(late):
            mine = score[late == days]
            row = self.late_scores.setdefault(int(days), [0, 0, 0])
            row[0] += int((mine >= 9).sum())
            row[1] += int((mine <= 6).sum())
            row[2] += len(mine)

    def money_by_month(self, name: str) -> dict[str, str]:
        """Amounts as decimal text with eight places."""
        values = self.money.get(name, np.zeros(MONTHS, dtype=np.int64))
        return {m: euros(v) for m, v in zip(timeline.month_names(), values, strict=True)}

    def count_by_month(self, name: str) -> dict[str, int]:
        """Counts by month."""
        values = self.counts.get(name, np.zeros(MONTHS, dtype=np.int64))
        return {m: int(v) for m, v in zip(timeline.month_names(), values, strict=True)}


def euros(exact: int) -> str:
    """1e-8 EUR as decimal text."""
    return str(Decimal(int(exact)).scaleb(-8).quantize(Decimal("1.00000000")))


def distinct_by_month(month: np.ndarray, who: np.ndarray) -> np.ndarray:
    """The month positions of distinct (month, person) pairs."""
    width = int(who.max(initial=0)) + 1
    return np.unique(month * width + who) // width
