"""Daily stock that follows the sales, product by product and warehouse by warehouse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.generate import timeline
from harness.generate.catalogue import (
    DEAD_STOCK,
    IN_POUNDS,
    PRODUCTS,
    STOCKOUTS,
    WAREHOUSES,
    Catalogue,
)
from harness.generate.frames import DAY, HOUR, NA, Codes, Frame, Ids, stream

LEAD_DAYS = [9, 12, 15]  # from ordering to receiving, by warehouse
COVER_DAYS = 45  # of demand in one replenishment


def snapshots(
    seed: int, shop: Catalogue, sold: np.ndarray, scale: float
) -> Iterator[dict[str, object]]:
    """Snapshot columns product by product; `sold` is days x products x warehouses in units."""
    days = timeline.ORIGIN + np.arange(timeline.DAYS)
    loaded = (days + 1) * DAY + 3 * HOUR
    gaps: dict[int, list[tuple[int, int]]] = {}
    for number, start, stop in STOCKOUTS:
        gaps.setdefault(number, []).append((timeline.index_of(start), timeline.index_of(stop)))
    for product in range(PRODUCTS):
        rng = stream(seed, "stock", product)
        parts: list[Frame] = []
        for warehouse in range(len(WAREHOUSES)):
            path = _path(
                rng, sold[:, product, warehouse], product + 1, LEAD_DAYS[warehouse], scale, gaps
            )
            parts.append({"warehouse": np.full(timeline.DAYS, warehouse), **path})
        listed = (days >= shop.launched[product]) | (shop.launched[product] < timeline.ORIGIN)
        if shop.discontinued[product] != NA:
            listed &= days <= shop.discontinued[product] + 20
        mask = np.tile(listed, len(WAREHOUSES))
        on_hand = np.concatenate([part["on_hand"] for part in parts])[mask]
        on_order = np.concatenate([part["on_order"] for part in parts])[mask]
        where = np.concatenate([part["warehouse"] for part in parts])[mask]
        cost = shop.cost[product]
        own = cost if product % 7 else NA
        if (product + 1) in IN_POUNDS and own != NA:
            own = own * 100 // 117
        yield {
            "snapshot_date": np.tile(days, len(WAREHOUSES))[mask],
            "warehouse_id": Codes(where, WAREHOUSES),
            "product_id": Ids("P", np.full(mask.sum(), product + 1), 3),
            "on_hand": on_hand,
            "on_order": np.where(where == 2, np.where(product % 5 == 0, NA, on_order), on_order),
            "unit_cost": np.full(mask.sum(), own),
            "loaded_at": np.tile(loaded, len(WAREHOUSES))[mask],
        }


def _path(
    rng: np.random.Generator,
    sold: np.ndarray,
    number: int,
    lead: int,
    scale: float,
    gaps: dict[int, list[tuple[int, int]]],
) -> Frame:
    """On hand and on order at the end of each day; only planted gaps are empty."""
    days = len(sold)
    if number in DEAD_STOCK:
        level = int(rng.integers(15, 60) * max(scale, 0.1))
        return {"on_hand": np.full(days, max(level, 1)), "on_order": np.zeros(days, dtype=np.int64)}
    mean = max(sold.mean(), 0.02)
    batch = max(int(np.ceil(mean * COVER_DAYS)), 4)
    point = max(int(np.ceil(mean * lead * 2.2)), 2)
    empty = np.zeros(days, dtype=bool)
    for start, stop in gaps.get(number, []):
        empty[start : stop + 1] = True
    received = np.zeros(days, dtype=np.int64)
    on_hand = np.empty(days, dtype=np.int64)
    on_order = np.zeros(days, dtype=np.int64)
    stock = point + batch
    due: list[tuple[int, int]] = []
    for day in range(days):
        arrived = sum(units for when, units in due if when == day)
        due = [(when, units) for when, units in due if when > day]
        stock += arrived - int(sold[day])
        if empty[day]:  # written off: the supplier delivered nothing usable
            stock = 0
        elif stock <= 0:
            stock += batch + max(-stock, 0)  # brought over from another warehouse
        waiting = sum(units for _, units in due)
        if stock + waiting <= point:
            when = day + lead
            while when < days and empty[when]:
                when += 1
            due.append((when, batch))
            waiting += batch
        received[day] = arrived
        on_hand[day], on_order[day] = stock, waiting
    return {"on_hand": on_hand, "on_order": on_order}
