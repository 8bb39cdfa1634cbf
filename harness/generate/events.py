"""What happens inside the sessions, in the order of GA4's e-commerce events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.generate import channels, timeline
from harness.generate.baskets import FREE_FROM, Baskets
from harness.generate.catalogue import (
    ARTICLES,
    CATEGORIES,
    FEE,
    GB,
    PRODUCTS,
    SUPPORT,
    Catalogue,
    Pages,
)
from harness.generate.frames import NA, Frame, concat, draw
from harness.generate.people import BOT, CUSTOMER

NAMES = [
    "page_view",
    "view_item_list",
    "view_item",
    "add_to_cart",
    "remove_from_cart",
    "view_cart",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
    "search",
    "scroll",
    "generate_lead",
    "form_start",
    "form_submit",
    "file_download",
    "video_start",
    "video_complete",
    "checkout_error",
]
NAME = {name: i for i, name in enumerate(NAMES)}
ERRORS = [
    "card_declined",
    "three_d_secure_failed",
    "payment_timeout",
    "address_invalid",
    "postcode_invalid",
    "phone_invalid",
]

CAUSES = [
    "delivery_fee_revealed",
    "payment_failure",
    "long_checkout",
    "few_delivery_options",
    "form_error",
    "left_at_cart",
    "left_at_checkout",
    "left_at_shipping",
    "left_at_payment",
]
CAUSE = {name: i for i, name in enumerate(CAUSES)}
#                        fee   pay  long  few  form  cart  chk  ship  pay
CAUSE_SHARE = np.array([0.290, 0.165, 0.045, 0.095, 0.075, 0.250, 0.040, 0.020, 0.020])
CAUSE_MOBILE = np.array([0.250, 0.165, 0.170, 0.060, 0.050, 0.235, 0.030, 0.025, 0.015])
SIGNATURES = {
    "delivery_fee_revealed": (
        "begin_checkout, or add_shipping_info, shows a shipping_quote_amount of 4.90 or more and "
        "3 or more delivery options; nothing follows, no error, at most 5 minutes of checkout"
    ),
    "payment_failure": (
        "checkout_error with card_declined, three_d_secure_failed or payment_timeout, after "
        "add_payment_info, is the last event"
    ),
    "long_checkout": (
        "begin_checkout to add_shipping_info takes 22 to 60 minutes; quote 0, 3 or more options, "
        "no error, no add_payment_info"
    ),
    "few_delivery_options": (
        "begin_checkout shows delivery_options_count 1 and quote 0; nothing follows"
    ),
    "form_error": (
        "checkout_error with address_invalid, postcode_invalid or phone_invalid, after "
        "begin_checkout, is the last event; quote 0"
    ),
    "left_at_cart": "add_to_cart without begin_checkout",
    "left_at_checkout": "begin_checkout last, quote 0, 3 or more options, quick",
    "left_at_shipping": "add_shipping_info last, quote 0, 3 or more options, quick",
    "left_at_payment": "add_payment_info last, quote 0, 3 or more options, quick",
}


@dataclass
class Events:
    """A block's events, sorted by session and time, and what sessions and orders take from them."""

    rows: Frame
    end: np.ndarray  # last event of each session, seconds
    purchased: np.ndarray  # time of the purchase event by order, NA without session
    cause: np.ndarray  # of left carts by session, -1 elsewhere
    cart_value: np.ndarray  # cents, by session
    landing: np.ndarray  # page by session
    lead: np.ndarray  # form by session with generate_lead, -1 elsewhere
    read: np.ndarray  # whether a content page was viewed, by session


class _Builder:
    """Collects events stage by stage; sorting by session and stage makes the sequence."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.parts: list[Frame] = []

    def add(
        self, session: np.ndarray, stage: float, name: str, gap: float, **columns: np.ndarray
    ) -> None:
        size = len(session)
        frame = {
            "session": session,
            "stage": np.full(size, stage),
            "name": np.full(size, NAME[name]),
            "gap": (2 + self.rng.exponential(gap, size)).astype(np.int64),
        }
        for column in (
            "page",
            "product",
            "quantity",
            "value",
            "order",
            "form",
            "file",
            "engaged",
            "quote",
            "options",
            "error",
        ):
            frame[column] = columns.get(column, np.full(size, NA))
        if "exact" in columns:
            frame["gap"] = columns["exact"]
        if "place" in columns:
            frame["stage"] = stage + columns["place"] / 1000
        self.parts.append(frame)


def make_events(
    rng: np.random.Generator,
    shop: Catalogue,
    pages: Pages,
    sessions: Frame,
    orders: Frame,
    baskets: Baskets,
    country: np.ndarray,
    fee: Frame,
) -> Events:
    """Events of all sessions; `country` and `fee` are by person and by order."""
    size = len(sessions["start"])
    order = sessions["order"]
    buys = order >= 0
    left = sessions["cart"] & ~buys
    bot = sessions["kind"] == BOT
    channel = channels.TAG_CHANNEL[sessions["tag"]]
    land = country[sessions["person"]]
    uniform = rng.random((8, size))

    # landing page and plain browsing
    search = channel == channels.CHANNELS.index("organic_search")
    social = np.isin(
        channel, [channels.CHANNELS.index(c) for c in ("paid_social", "organic_social", "display")]
    )
    kind = np.where(search, draw(rng, [18, 22, 26, 34], size), draw(rng, [46, 26, 20, 8], size))
    kind = np.where(social, draw(rng, [10, 42, 34, 14], size), kind)
    liked = rng.integers(0, PRODUCTS, size)
    topic = rng.integers(0, len(ARTICLES), size)
    landing = np.select(
        [kind == 0, kind == 1, kind == 2],
        [
            np.zeros(size, dtype=np.int64),
            pages.category + rng.integers(0, len(CATEGORIES), size),
            pages.product + liked,
        ],
        pages.content + topic,
    )
    active = buys | left
    bounce = ~active & (uniform[0] < np.where(social, 0.52, 0.40)) & ~bot
    build = _Builder(rng)
    every = np.arange(size)
    spent = np.where(
        bounce,
        rng.integers(5, 95, size),
        np.minimum(rng.gamma(2, 110, size), 3000).astype(np.int64),
    )
    build.add(
        every,
        0,
        "page_view",
        1,
        page=landing,
        engaged=spent // 10 * 10,
        exact=np.zeros(size, dtype=np.int64),
    )

    calm = ~bounce & ~bot
    about_to_buy = buys | (sessions["kind"] == CUSTOMER)
    reads = calm & (uniform[1] < np.where(about_to_buy, 0.13, 0.10))
    who = np.flatnonzero(reads)
    build.add(
        who,
        1,
        "page_view",
        50,
        page=pages.content + rng.integers(0, len(ARTICLES), len(who)),
        engaged=np.minimum(rng.gamma(2, 300, len(who)), 6000).astype(np.int64) // 10 * 10,
    )
    who = np.flatnonzero((reads | (kind == 3)) & (uniform[2] < 0.25))
    build.add(who, 1.1, "scroll", 25)
    who = np.flatnonzero(calm & (uniform[3] < 0.07))
    build.add(who, 2, "search", 15)
    more = np.where(calm, rng.poisson(np.where(active, 0.5, 0.85), size), 0) + np.where(
        bot, rng.poisson(3, size), 0
    )
    who = np.repeat(every, more)
    build.add(
        who,
        2.5,
        "page_view",
        30,
        page=rng.integers(1, pages.product + PRODUCTS, len(who)),
        engaged=np.minimum(rng.gamma(1.6, 110, len(who)), 3000).astype(np.int64) // 10 * 10,
    )
    shows = active | (calm & (uniform[4] < 0.62))
    lists = np.where(shows & ((kind != 2) | active), rng.poisson(0.75, size), 0)
    build.add(np.repeat(every, np.minimum(lists, 4)), 3, "view_item_list", 22)
    looks = np.where(shows, rng.poisson(np.where(active, 0.7, 0.8), size), 0)
    looks = np.where(shows & ~active & (kind == 2), np.maximum(looks, 1), looks)
    who = np.repeat(every, np.minimum(looks, 6))
    popular = draw(rng, shop.popularity, len(who))
    build.add(who, 4, "view_item", 35, product=popular)

    # carts: the order's lines, or something that is left
    item = baskets.order
    of_order = np.full(len(orders["time"]), -1)
    of_order[order[buys]] = np.flatnonzero(buys)
    mine = of_order[item] >= 0
    session_a, number_a = of_order[item[mine]], np.flatnonzero(mine)
    who_left = np.repeat(np.flatnonzero(left), 1 + draw(rng, [0.62, 0.26, 0.12], int(left.sum())))
    chosen = draw(rng, shop.popularity, len(who_left))
    amount = 1 + draw(rng, [0.85, 0.15], len(who_left))
    price = np.where(land[who_left] == GB, shop.price[chosen] * 100 // 117, shop.price[chosen])
    session_c = np.concatenate([session_a, who_left])
    product_c = np.concatenate([baskets.product[number_a], chosen])
    quantity_c = np.concatenate([baskets.quantity[number_a], amount])
    value_c = np.concatenate([baskets.price[number_a] * baskets.quantity[number_a], price * amount])
    by = np.argsort(session_c, kind="stable")
    session_c, product_c, quantity_c, value_c = (
        session_c[by],
        product_c[by],
        quantity_c[by],
        value_c[by],
    )
    first = np.searchsorted(session_c, session_c)
    place = np.arange(len(session_c)) - first
    seen = rng.random(len(session_c)) < 0.8
    build.add(session_c[seen], 5, "view_item", 40, product=product_c[seen], place=2 * place[seen])
    build.add(
        session_c,
        5,
        "add_to_cart",
        25,
        product=product_c,
        quantity=quantity_c,
        value=value_c,
        place=2 * place + 1,
    )
    cart_value = np.bincount(session_c, value_c, size).astype(np.int64)
    undo = np.flatnonzero(rng.random(len(session_c)) < 0.05)
    only = left[session_c[undo]] & (place[undo] > 0)
    undo = undo[only]  # left carts lose an item they held
    build.add(
        session_c[undo],
        6,
        "remove_from_cart",
        20,
        product=product_c[undo],
        quantity=quantity_c[undo],
        value=value_c[undo],
    )
    cart_value -= np.bincount(session_c[undo], value_c[undo], size).astype(np.int64)
    extra = np.flatnonzero(buys & (uniform[5] < 0.06))  # buyers take something and put it back
    tried = draw(rng, shop.popularity, len(extra))
    for stage, name in ((5.8, "add_to_cart"), (6, "remove_from_cart")):
        build.add(
            extra,
            stage,
            name,
            20,
            product=tried,
            quantity=np.ones(len(extra), dtype=np.int64),
            value=shop.price[tried],
        )
    build.add(np.flatnonzero(active & (uniform[6] < 0.7)), 7, "view_cart", 20)

    # checkout
    mobile = sessions["device"] == 1
    cause = np.full(size, -1)
    some = np.flatnonzero(left)
    cause[some] = np.where(
        mobile[some], draw(rng, CAUSE_MOBILE, len(some)), draw(rng, CAUSE_SHARE, len(some))
    )
    starts = buys | (left & (cause != CAUSE["left_at_cart"]))
    fee_left = cause == CAUSE["delivery_fee_revealed"]
    fee_late = fee_left & (uniform[7] < 0.35)
    at_shipping = np.isin(
        cause,
        [
            CAUSE[c]
            for c in ("payment_failure", "long_checkout", "left_at_shipping", "left_at_payment")
        ],
    )
    to_shipping = buys | at_shipping | fee_late
    to_payment = buys | np.isin(cause, [CAUSE["payment_failure"], CAUSE["left_at_payment"]])
    known_fee = np.where(buys, fee["fee"][np.maximum(order, 0)], 0)
    quote = np.where(fee_left, np.maximum(FEE[land], 490), np.where(buys, known_fee, 0))
    quote = np.where(
        (cause == CAUSE["payment_failure"]) & (cart_value < FREE_FROM) & (uniform[7] < 0.5),
        FEE[land],
        quote,
    )
    options = np.where(cause == CAUSE["few_delivery_options"], 1, rng.integers(3, 5, size))
    options = np.where(buys & (rng.random(size) < 0.05), rng.integers(1, 3, size), options)
    who = np.flatnonzero(starts)
    early = ~fee_late[who]
    build.add(
        who,
        8,
        "begin_checkout",
        25,
        value=cart_value[who],
        quote=np.where(early, quote[who], NA),
        options=options[who],
    )
    errors = np.full(size, NA)
    errors[cause == CAUSE["form_error"]] = 3 + rng.integers(
        0, 3, int((cause == CAUSE["form_error"]).sum())
    )
    mended = buys & (rng.random(size) < 0.04)  # buyers may meet an error and go on
    errors[mended] = 3
    who = np.flatnonzero(errors != NA)
    build.add(who, 9, "checkout_error", 25, error=errors[who])
    who = np.flatnonzero(to_shipping)
    slow = rng.integers(22 * 60, 60 * 60, len(who))
    quick = (5 + rng.exponential(45, len(who))).astype(np.int64)
    quick = np.minimum(quick, 300)
    build.add(
        who,
        10,
        "add_shipping_info",
        1,
        quote=quote[who],
        options=options[who],
        exact=np.where(cause[who] == CAUSE["long_checkout"], slow, quick),
    )
    build.add(np.flatnonzero(to_payment), 11, "add_payment_info", 30)
    refused = (cause == CAUSE["payment_failure"]) | (buys & (uniform[7] > 0.97))
    who = np.flatnonzero(refused)
    build.add(who, 12, "checkout_error", 15, error=draw(rng, [0.6, 0.25, 0.15], len(who)))
    who = np.flatnonzero(buys)
    net = baskets.gross_total - baskets.discount_total
    build.add(who, 13, "purchase", 25, order=order[who], value=net[order[who]])

    # the site beyond the shop
    idle = calm & ~active
    who = np.flatnonzero(idle & (rng.random(size) < 0.035))
    form = draw(rng, [0.34, 0.26, 0.2, 0.2], len(who))
    form_page = pages.form + form
    build.add(who, 14, "page_view", 20, page=form_page, engaged=rng.integers(10, 90, len(who)) * 10)
    build.add(who, 15, "form_start", 10, form=form, page=form_page)
    done = rng.random(len(who)) < np.where(mobile[who], 0.45, 0.68)
    build.add(who[done], 16, "form_submit", 60, form=form[done], page=form_page[done])
    asks = done & (form < 2)
    lead = np.full(size, -1)
    lead[who[asks]] = form[asks]
    build.add(who[asks], 17, "generate_lead", 3, form=form[asks])
    who = np.flatnonzero(calm & (rng.random(size) < 0.014))
    build.add(
        who,
        18,
        "page_view",
        30,
        page=pages.support + rng.integers(0, len(SUPPORT), len(who)),
        engaged=rng.integers(3, 40, len(who)) * 10,
    )
    build.add(
        who[: len(who) // 2 * 2 : 2],
        19,
        "file_download",
        30,
        file=draw(rng, [3, 2, 1, 1], (len(who) + 1) // 2)[: len(who) // 2],
    )
    who = np.flatnonzero(calm & (kind == 3) & (rng.random(size) < 0.12))
    build.add(who, 1.2, "video_start", 20)
    whole = who[rng.random(len(who)) < 0.4]
    build.add(whole, 1.3, "video_complete", 90)

    rows = concat(build.parts)
    rows = {
        name: values[np.lexsort((rows["stage"], rows["session"]))] for name, values in rows.items()
    }
    elapsed = np.cumsum(rows["gap"])
    begin = np.searchsorted(rows["session"], every)
    elapsed -= elapsed[begin][rows["session"]]
    rows["time"] = sessions["start"][rows["session"]] + elapsed
    # nothing happens after the last second of the two years
    rows["time"] = np.minimum(rows["time"], timeline.END - 1)
    stop = np.concatenate([begin[1:], [len(rows["time"])]]) - 1
    end = rows["time"][stop]
    purchased = np.full(len(orders["time"]), NA)
    paid = rows["name"] == NAME["purchase"]
    purchased[rows["order"][paid]] = rows["time"][paid]
    read = (kind == 3) | reads
    return Events(
        rows=rows,
        end=end,
        purchased=purchased,
        cause=cause,
        cart_value=np.maximum(cart_value, 0),
        landing=landing,
        lead=lead,
        read=read,
    )
