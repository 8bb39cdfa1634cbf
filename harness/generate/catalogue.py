"""What the shop sells, from where, to whom, and the pages of its site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from harness.generate import timeline
from harness.generate.frames import NA, Codes, Ids, stream

# Countries, their shares of visitors, tax rates in thousandths, usual delivery fees in cents.
COUNTRIES = ["FR", "DE", "BE", "ES", "IT", "GB", "NL", "CH", "AT", "PT", "LU", "IE", "PL", "US"]
COUNTRY_SHARE = np.array(
    [
        0.46,
        0.165,
        0.075,
        0.075,
        0.065,
        0.075,
        0.045,
        0.008,
        0.008,
        0.007,
        0.005,
        0.005,
        0.005,
        0.002,
    ]
)
TAX = np.array([200, 190, 210, 210, 220, 200, 210, 81, 200, 230, 170, 230, 230, 0])
FEE = np.array([490, 590, 590, 690, 690, 650, 590, 1290, 690, 790, 690, 890, 790, 2490])
GB = COUNTRIES.index("GB")

# country -> (region or None, city, first digits of the postal code, weight)
PLACES: dict[str, list[tuple[str | None, str, str, float]]] = {
    "FR": [
        ("Île-de-France", "Paris", "75", 22), ("Auvergne-Rhône-Alpes", "Lyon", "69", 12),
        ("Provence-Alpes-Côte d'Azur", "Marseille", "13", 10), ("Occitanie", "Toulouse", "31", 10),
        ("Bretagne", "Rennes", "35", 8), ("Nouvelle-Aquitaine", "Bordeaux", "33", 9),
        ("Hauts-de-France", "Lille", "59", 9), ("Grand Est", "Strasbourg", "67", 8),
        ("Corse", "Ajaccio", "20", 1.5), (None, "Nantes", "44", 6),
    ],
    "DE": [
        ("Berlin", "Berlin", "10", 4), ("Bayern", "München", "80", 5),
        ("Hamburg", "Hamburg", "20", 3), ("Nordrhein-Westfalen", "Köln", "50", 6),
    ],
    "ES": [
        ("Madrid", "Madrid", "28", 5), ("Cataluña", "Barcelona", "08", 5),
        ("Illes Balears", "Palma", "07", 0.6), ("Canarias", "Las Palmas", "35", 0.5),
    ],
    "IT": [
        ("Lombardia", "Milano", "20", 5), ("Lazio", "Roma", "00", 4),
        ("Sicilia", "Palermo", "90", 0.7), ("Sardegna", "Cagliari", "09", 0.5),
    ],
    "GB": [("England", "London", "SW", 5), ("Scotland", "Edinburgh", "EH", 1)],
    "BE": [("Bruxelles", "Bruxelles", "10", 3), ("Vlaanderen", "Gent", "90", 2)],
    "NL": [("Noord-Holland", "Amsterdam", "10", 1)],
    "CH": [("Genève", "Genève", "12", 1)],
    "AT": [("Wien", "Wien", "10", 1)],
    "PT": [("Lisboa", "Lisboa", "11", 1)],
    "LU": [(None, "Luxembourg", "14", 1)],
    "IE": [("Leinster", "Dublin", "D0", 1)],
    "PL": [("Mazowieckie", "Warszawa", "00", 1)],
    "US": [("New York", "New York", "10", 1)],
}  # fmt: skip
PLACE_LIST = [(c, *place) for c in COUNTRIES for place in PLACES[c]]
PLACE_COUNTRY = np.array([COUNTRIES.index(place[0]) for place in PLACE_LIST])
PLACE_SHARE = np.array(
    [
        COUNTRY_SHARE[COUNTRIES.index(place[0])] * place[4] / sum(p[3] for p in PLACES[place[0]])
        for place in PLACE_LIST
    ]
)
PLACE_REGION = [place[1] for place in PLACE_LIST]
PLACE_CITY = [place[2] for place in PLACE_LIST]
PLACE_POSTAL = [place[3] for place in PLACE_LIST]

WAREHOUSES = ["WH-LYON", "WH-LILLE", "WH-GENT"]
SLOW_WAREHOUSE = 2

# category, number of products, cheapest, dearest list price (EUR), share of cost, subcategories
CATEGORIES = [
    ("kitchen", 34, 8, 190, 0.52, ["small appliances", "knives", "utensils"]),
    ("cookware", 28, 12, 160, 0.48, ["pans", "pots", "ovenware"]),
    ("tableware", 30, 5, 70, 0.42, ["plates", "glasses", "cutlery"]),
    ("bathroom", 22, 6, 60, 0.45, ["towels", "accessories"]),
    ("lighting", 24, 14, 170, 0.46, ["lamps", "lanterns"]),
    ("storage", 22, 7, 90, 0.50, ["boxes", "shelves"]),
    ("garden", 22, 6, 120, 0.55, ["tools", "planters"]),
    ("outdoor", 18, 25, 240, 0.60, ["furniture", "barbecues", "camping"]),
]
PRODUCTS = sum(row[1] for row in CATEGORIES)
BRANDS = [
    "Maison Belin", "Ostara", "Kupferhof", "Nordlys", "Atelier Vigne", "Terra Verde", "Casa Luma",
    "Hearth & Co", "Blauwe Molen", "Piedra", "Fjord", "Lumen", "Jardin Clair", "Solido",
]  # fmt: skip
NOUNS = ["Set", "Classic", "Pro", "Compact", "Duo", "Studio", "Natura", "Grande", "Petit", "Line"]

# Stock-outs planted in every warehouse: product number, first and last day.
STOCKOUTS = [
    (12, date(2024, 5, 6), date(2024, 5, 19)),
    (47, date(2024, 11, 25), date(2024, 12, 8)),
    (88, date(2025, 3, 3), date(2025, 3, 16)),
    (131, date(2025, 7, 7), date(2025, 7, 27)),
    (154, date(2025, 11, 24), date(2025, 12, 7)),
    (176, date(2025, 12, 15), date(2025, 12, 31)),
]
DEAD_STOCK = [29, 63, 118, 169, 198]  # product numbers never sold, always on hand
PAIRS = [(13, 21, "kitchen"), (40, 52, "cookware"), (187, 183, "outdoor")]  # bought together
NO_COST = [17, 74, 140]  # product numbers without a known cost
NO_CATEGORY = [33, 101, 160]
NO_BRAND = [9, 58, 109, 144, 190]
IN_POUNDS = [14, 44, 72, 96, 120, 150, 172, 194]
LATE_LAUNCH = {
    25: date(2024, 9, 2), 68: date(2025, 2, 3), 110: date(2024, 4, 15), 145: date(2025, 5, 12),
    180: date(2025, 3, 3), 199: date(2025, 9, 1),
}  # fmt: skip
DISCONTINUED = {31: date(2024, 12, 31), 77: date(2025, 6, 30), 125: date(2025, 3, 31)}
PLANNED_END = {50: date(2026, 3, 31)}  # known in advance: a plan, not an event


@dataclass
class Catalogue:
    """Products by position (product number less 1); prices and costs in cents of EUR."""

    category: np.ndarray
    price: np.ndarray
    cost: np.ndarray  # EUR cents, NA where unknown
    popularity: np.ndarray
    by_price: np.ndarray  # positions from cheap to dear
    rank: np.ndarray  # place of each position in by_price
    on_sale: np.ndarray  # days x products: may be sold
    launched: np.ndarray  # days since 1970
    discontinued: np.ndarray  # days since 1970 or NA
    names: list[str]
    subcategories: list[str]
    brands: np.ndarray


def make_catalogue(seed: int) -> Catalogue:
    """The products, the same at every scale."""
    rng = stream(seed, "catalogue")
    category, price, cost, names, subs = [], [], [], [], []
    for number, (_, count, low, high, share, subcategories) in enumerate(CATEGORIES):
        raw = np.exp(rng.uniform(np.log(low), np.log(high), count))
        for value in raw:
            cents = max(int(round(value)) * 100 - 10, 290)
            category.append(number)
            price.append(cents)
            cost.append(int(round(cents * (share + rng.uniform(-0.08, 0.08)))))
            sub = subcategories[int(rng.integers(len(subcategories)))]
            subs.append(sub)
            noun = NOUNS[int(rng.integers(len(NOUNS)))]
            names.append(f"{sub.capitalize()} {noun} {int(rng.integers(10, 99))}")
    prices = np.array(price)
    by_price = np.argsort(prices, kind="stable")
    rank = np.empty(PRODUCTS, dtype=np.int64)
    rank[by_price] = np.arange(PRODUCTS)
    launched = timeline.ORIGIN - rng.integers(30, 900, PRODUCTS)
    discontinued = np.full(PRODUCTS, NA)
    on_sale = np.ones((timeline.DAYS, PRODUCTS), dtype=bool)
    for number, day in LATE_LAUNCH.items():
        launched[number - 1] = timeline.ORIGIN + timeline.index_of(day)
        on_sale[: timeline.index_of(day), number - 1] = False
    for number, day in DISCONTINUED.items():
        discontinued[number - 1] = timeline.ORIGIN + timeline.index_of(day)
        on_sale[timeline.index_of(day) + 1 :, number - 1] = False
    for number, day in PLANNED_END.items():
        discontinued[number - 1] = timeline.ORIGIN + timeline.index_of(day)
    for number, start, stop in STOCKOUTS:
        on_sale[timeline.index_of(start) : timeline.index_of(stop) + 1, number - 1] = False
    for number in DEAD_STOCK:
        on_sale[:, number - 1] = False
    costs = np.array(cost)
    costs[np.array(NO_COST) - 1] = NA
    return Catalogue(
        category=np.array(category), price=prices, cost=costs,
        popularity=rng.gamma(0.8, 1.0, PRODUCTS) + 0.05, by_price=by_price, rank=rank,
        on_sale=on_sale, launched=launched, discontinued=discontinued, names=names,
        subcategories=subs, brands=rng.integers(0, len(BRANDS), PRODUCTS),
    )  # fmt: skip


def product_rows(shop: Catalogue, loaded_at: int) -> dict[str, object]:
    """The columns of the products table."""
    numbers = np.arange(1, PRODUCTS + 1)
    pounds = np.isin(numbers, IN_POUNDS)
    in_own = np.where(pounds, shop.price * 100 // 117, shop.price)
    cost = np.where(pounds & (shop.cost != NA), shop.cost * 100 // 117, shop.cost)
    category = np.where(np.isin(numbers, NO_CATEGORY), -1, shop.category)
    brand = np.where(np.isin(numbers, NO_BRAND), -1, shop.brands)
    return {
        "product_id": Ids("P", numbers, 3),
        "sku": [
            f"{CATEGORIES[c][0][:3].upper()}-{n:05d}"
            for c, n in zip(shop.category, numbers * 37, strict=True)
        ],
        "product_name": list(shop.names),
        "category": Codes(category, [row[0] for row in CATEGORIES]),
        "subcategory": [
            None if c < 0 else s for c, s in zip(category, shop.subcategories, strict=True)
        ],
        "brand": Codes(brand, BRANDS),
        "list_price": in_own,
        "unit_cost": cost,
        "currency": Codes(np.where(pounds, 1, np.where(numbers % 41 == 0, -1, 0)), ["EUR", "GBP"]),
        "launched_on": np.where(numbers % 29 == 0, NA, shop.launched),
        "discontinued_on": shop.discontinued,
        "loaded_at": np.full(PRODUCTS, loaded_at),
    }


ARTICLES = [
    "choosing-a-frying-pan", "cast-iron-care", "knife-sharpening", "set-a-table", "herb-garden",
    "raised-beds", "barbecue-basics", "small-kitchen-plans", "linen-or-cotton", "warm-light",
    "winter-garden", "coffee-at-home", "picnic-list", "balcony-furniture", "storing-glassware",
    "induction-guide", "sourdough-start", "outdoor-lanterns", "bathroom-refresh", "gift-ideas",
    "compost", "pizza-oven", "meal-prep", "wine-glasses",
]  # fmt: skip
FORMS = ["trade_account", "kitchen_planner", "newsletter", "contact"]
FILES = ["catalogue-2025.pdf", "care-guide.pdf", "assembly-barbecue.pdf", "size-chart.pdf"]
SUPPORT = ["/help/delivery", "/help/returns", "/help/payment", "/help/contact"]


@dataclass
class Pages:
    """Paths of the site, and where each kind begins in the list."""

    paths: list[str]
    kinds: list[str]
    category: int
    product: int
    cart: int
    checkout: int
    content: int
    form: int
    support: int
    other: int


def make_pages() -> Pages:
    """The site's pages in a fixed order."""
    groups = [
        ("home", ["/"]),
        ("category", [f"/c/{row[0]}" for row in CATEGORIES]),
        ("product", [f"/p/P{n:03d}" for n in range(1, PRODUCTS + 1)]),
        ("cart", ["/cart"]),
        ("checkout", ["/checkout"]),
        ("content", [f"/guides/{name}" for name in ARTICLES]),
        ("form", [f"/forms/{name}" for name in FORMS]),
        ("support", SUPPORT),
        ("other", ["/about", "/terms"]),
    ]
    paths, kinds, first = [], [], {}
    for kind, members in groups:
        first[kind] = len(paths)
        paths += members
        kinds += [kind] * len(members)
    starts = {kind: position for kind, position in first.items() if kind != "home"}
    return Pages(paths=paths, kinds=kinds, **starts)


def page_rows(seed: int, pages: Pages, loaded_at: int) -> dict[str, object]:
    """The columns of the pages table."""
    rng = stream(seed, "pages")
    size = len(pages.paths)
    content = np.array([kind == "content" for kind in pages.kinds])
    topics = [
        CATEGORIES[int(i)][0] if c else None
        for c, i in zip(content, rng.integers(0, len(CATEGORIES), size), strict=True)
    ]
    titles = [
        path.rsplit("/", 1)[-1].replace("-", " ").capitalize() or "Home" for path in pages.paths
    ]
    published = np.where(content, timeline.ORIGIN - rng.integers(5, 600, size), NA)
    return {
        "page_path": pages.paths,
        "page_type": pages.kinds,
        "title": [None if i % 53 == 5 else title for i, title in enumerate(titles)],
        "topic": topics,
        "published_on": published,
        "loaded_at": np.full(size, loaded_at),
    }
