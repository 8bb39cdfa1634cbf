"""What is in the orders: lines that add up to the drawn spend, promotions, fees, tax, refunds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.generate import timeline
from harness.generate.catalogue import FEE, GB, PAIRS, PRODUCTS, TAX, Catalogue
from harness.generate.frames import DAY, HOUR, NA, Frame, draw
from harness.generate.people import CANCELLED, GUEST, VALID

PROMOTIONS = ["WELCOME10", "SPRING15", "FRIDAY20", "FREESHIP", "VIP10"]
PROMOTION_RATE = np.array([0.10, 0.15, 0.20, 0.0, 0.10])
MODES = ["standard", "express", "pickup_point", "click_and_collect"]
MODE_FEE = np.array([1.0, 1.9, 0.75, 0.0])
FREE_FROM = 6900  # cents of merchandise from which standard delivery is free
REFUND_REASONS = ["changed_mind", "damaged", "wrong_item", "late", "defective", "goodwill"]


@dataclass
class Baskets:
    """Lines of a block's orders, sorted by order; amounts in cents of the order's currency."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    price: np.ndarray
    discount: np.ndarray
    cost: np.ndarray
    gross_total: np.ndarray  # by order
    discount_total: np.ndarray  # by order
    promotion: np.ndarray  # by order, -1 without
    pounds: np.ndarray  # by order


def _choose(
    rng: np.random.Generator, shop: Catalogue, day: np.ndarray, cents: np.ndarray
) -> np.ndarray:
    """Products on sale whose list price is near the given cents, popular ones more often."""
    prices = shop.price[shop.by_price]
    middle = np.searchsorted(prices, cents)
    best = np.full(len(cents), -1)
    score = np.full(len(cents), -1.0)
    for _ in range(4):
        place = np.clip(
            middle + np.rint(rng.normal(0, 5, len(cents))).astype(np.int64), 0, PRODUCTS - 1
        )
        product = shop.by_price[place]
        value = shop.popularity[product] * rng.random(len(cents)) * shop.on_sale[day, product]
        better = value > score
        best, score = np.where(better, product, best), np.where(better, value, score)
    for _ in range(12):
        closed = ~shop.on_sale[day, best]
        if not closed.any():
            break
        best = np.where(closed, shop.by_price[(shop.rank[best] + 1) % PRODUCTS], best)
    return best


def fill(
    rng: np.random.Generator,
    shop: Catalogue,
    orders: Frame,
    country: np.ndarray,
    rates: np.ndarray,
) -> Baskets:
    """Lines for every order, so that net sales are the drawn spend up to rounding."""
    count = len(orders["time"])
    day = timeline.day_index(orders["time"])
    pounds = country == GB
    rate = np.where(pounds, rates[day] / 1_000_000, 1.0)
    target = np.rint(orders["spend"] * 100 / rate).astype(np.int64)
    euros = target * rate
    lines = 1 + draw(rng, [0.47, 0.30, 0.15, 0.08], count)
    lines = np.minimum(lines, np.maximum(euros // 1300, 1).astype(np.int64))
    order = np.repeat(np.arange(count), lines)
    start = np.cumsum(lines) - lines
    number = np.arange(len(order)) - start[order]
    share = rng.gamma(5.0, 1, len(order))
    share /= np.add.reduceat(share, start)[order]
    budget = np.maximum(np.floor(target[order] * share), 1).astype(np.int64)
    quantity = 1 + draw(rng, [0.76, 0.17, 0.05, 0.02], len(order))
    big = euros[order] * share / quantity > 24_000  # dearer than any product: several units
    quantity = np.where(big, np.ceil(euros[order] * share / 20_000).astype(np.int64), quantity)
    quantity = np.where(budget < quantity * 300, 1, quantity)
    product = _choose(rng, shop, day[order], budget * rate[order] / quantity)

    # planted pairs: two lines whose spend fits the pair's list prices
    two = np.flatnonzero(lines == 2)
    for first, second, _ in PAIRS:
        together = shop.price[first - 1] + shop.price[second - 1]
        fits = two[(euros[two] > 0.7 * together) & (euros[two] < 1.35 * together)]
        fits = fits[(rng.random(len(fits)) < 0.16)]
        part = shop.price[first - 1] / together
        place = start[fits]
        product[place], product[place + 1] = first - 1, second - 1
        quantity[place] = quantity[place + 1] = 1
        budget[place] = np.floor(target[fits] * part).astype(np.int64)
        budget[place + 1] = target[fits] - budget[place]
    budget = np.maximum(budget // quantity, 1) * quantity
    rest = target - np.add.reduceat(budget, start)
    single = np.where(quantity == 1, number, 99)
    taker = np.minimum.reduceat(single, start)
    open_line = taker < 99
    budget[(start + taker)[open_line]] += rest[open_line]
    budget = np.maximum(budget, quantity)

    # promotions: the price before discount is raised, so that the net amount stays
    sales_days = timeline.buying()[day] > 1.1
    uses = rng.random(count) < np.where(sales_days, 0.38, 0.17)
    promotion = np.where(uses, draw(rng, [0.32, 0.2, 0.14, 0.2, 0.14], count), -1)
    cut = np.where(promotion >= 0, PROMOTION_RATE[promotion], 0.0)[order]
    markdown = rng.random(len(order)) < 0.05
    cut = np.where(markdown, np.maximum(cut, 0.08), cut)
    price = np.where(cut > 0, np.ceil(budget / (1 - cut) / quantity), budget // quantity).astype(
        np.int64
    )
    discount = price * quantity - budget
    known = shop.cost[product] != NA
    given = known & (rng.random(len(order)) < 0.8)
    cost = np.where(given, np.rint(np.where(known, shop.cost[product], 0) / rate[order]), NA)
    gross_total = np.add.reduceat(price * quantity, start)
    return Baskets(
        order=order,
        product=product,
        quantity=quantity,
        price=price,
        discount=discount,
        cost=cost.astype(np.int64),
        gross_total=gross_total,
        discount_total=np.add.reduceat(discount, start),
        promotion=promotion,
        pounds=pounds,
    )


def charges(
    rng: np.random.Generator, orders: Frame, baskets: Baskets, country: np.ndarray
) -> Frame:
    """Delivery mode, fee, fee discount, tax (cents of the order's currency) and payment method."""
    count = len(country)
    net = baskets.gross_total - baskets.discount_total
    mode = draw(rng, [0.62, 0.13, 0.22, 0.03], count)
    mode = np.where(orders["channel"] == 3, 3, mode)
    fee = np.rint(FEE[country] * MODE_FEE[mode] / 10).astype(np.int64) * 10
    free = (net >= FREE_FROM) & (mode != 1) & (rng.random(count) < 0.85)
    shown_then_cut = free & (rng.random(count) < 0.3)
    code = baskets.promotion == 3
    discount = np.where(shown_then_cut | code, fee, 0)
    fee = np.where(free & ~shown_then_cut & ~code, 0, fee)
    unknown = rng.random(count) < 0.025
    fee = np.where(unknown, NA, fee)
    discount = np.where(unknown, NA, discount)
    discount = np.where((discount == 0) & (rng.random(count) < 0.5), NA, discount)
    paid_fee = np.where(fee == NA, 0, fee) - np.where(discount == NA, 0, discount)
    tax = np.rint((net + paid_fee) * TAX[country] / 1000).astype(np.int64)
    tax = np.where(rng.random(count) < 0.01, NA, tax)
    method = draw(rng, [0.56, 0.24, 0.08, 0.08, 0.04], count)
    return {"mode": mode, "fee": fee, "fee_discount": discount, "tax": tax, "method": method}


def refunds(
    rng: np.random.Generator,
    kind: np.ndarray,
    delivered: np.ndarray,
    ordered: np.ndarray,
    baskets: Baskets,
) -> Frame:
    """Refunds of lines with and without units, of whole orders, and of cancelled orders.

    Amounts are in cents of the order's currency, times in seconds: days to months after delivery.
    """
    start = np.searchsorted(baskets.order, np.arange(len(kind)))
    net = baskets.price * baskets.quantity - baskets.discount
    base = np.where(delivered != NA, delivered, ordered + 4 * DAY)
    counts = kind <= GUEST
    parts = []

    line = np.flatnonzero(counts[baskets.order] & (rng.random(len(net)) < 0.055))
    units = np.minimum(1 + draw(rng, [0.75, 0.2, 0.05], len(line)), baskets.quantity[line])
    units = np.where(rng.random(len(line)) < 0.5, baskets.quantity[line], units)
    amount = net[line] * units // baskets.quantity[line]
    silent = rng.random(len(line)) < 0.18
    amount = np.where(silent, np.maximum(amount * rng.integers(1, 10, len(line)) // 10, 1), amount)
    parts.append(
        {
            "order": baskets.order[line],
            "line": line,
            "amount": amount,
            "quantity": np.where(silent, NA, units),
            "reason": draw(rng, [4, 2, 1, 1, 2, 0], len(line)),
        }
    )
    refunded = np.zeros(len(kind), dtype=bool)
    refunded[baskets.order[line]] = True
    for chosen, share in (
        (np.flatnonzero(counts & ~refunded & (rng.random(len(kind)) < 0.012)), 1.0),
        (np.flatnonzero((kind == CANCELLED) & (rng.random(len(kind)) < 0.3)), 1.0),
    ):
        total = baskets.gross_total[chosen] - baskets.discount_total[chosen]
        units = np.add.reduceat(baskets.quantity, start)[chosen]
        amount = np.maximum((total * share).astype(np.int64), 1)
        parts.append(
            {
                "order": chosen,
                "line": np.full(len(chosen), -1),
                "amount": amount,
                "quantity": np.where(rng.random(len(chosen)) < 0.6, units, NA),
                "reason": draw(rng, [3, 1, 1, 2, 1, 2], len(chosen)),
            }
        )
    frame = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    size = len(frame["order"])
    slow = rng.random(size) < 0.15
    wait = np.where(slow, rng.uniform(30, 150, size), rng.gamma(2.0, 6.0, size)) * DAY
    moment = base[frame["order"]] + 6 * HOUR + wait.astype(np.int64)
    frame["time"] = moment
    frame["reason"] = np.where(rng.random(size) < 0.05, -1, frame["reason"])
    happened = moment < timeline.END
    frame = {name: values[happened] for name, values in frame.items()}
    return {
        name: values[np.argsort(frame["time"], kind="stable")] for name, values in frame.items()
    }


def is_valid(kind: np.ndarray) -> np.ndarray:
    """Orders that count: neither cancelled, unpaid, tests nor of test customers."""
    return (kind == VALID) | (kind == GUEST)
