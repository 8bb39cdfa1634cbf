"""How visitors come: tags of sessions, campaigns behind them, and what each channel truly does.

The chance that a prospect buys in a session is a sum, times factors for device, day, experiment:

    base + close(tag of this session) + sum of open(tag) over the person's sessions 30 days before

So `open` is what an opener adds to every later session, and `close` what a closer adds to its own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BASE = 0.0105
OPENER_DAYS = 30


def _read(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file beside this module; an empty cell is nothing."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@dataclass(frozen=True)
class Tag:
    """One way a session is marked, with weights among first, later and customers' sessions."""

    channel: str
    first: float
    later: float
    customer: float
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    referrer: str | None = None
    open: float = 0.0
    close: float = 0.0
    spend: str | None = None  # the campaign in ad_spend that paid for the click


TAGS = [
    Tag(
        channel=row["channel"],
        first=float(row["first"]),
        later=float(row["later"]),
        customer=float(row["customer"]),
        source=row["source"] or None,
        medium=row["medium"] or None,
        campaign=row["campaign"] or None,
        referrer=row["referrer"] or None,
        open=float(row["open"]),
        close=float(row["close"]),
        spend=row["spend"] or None,
    )
    for row in _read("tags.csv")
]
CHANNELS = sorted({tag.channel for tag in TAGS})
TAG_CHANNEL = np.array([CHANNELS.index(tag.channel) for tag in TAGS])
TAG_OPEN = np.array([tag.open for tag in TAGS])
TAG_CLOSE = np.array([tag.close for tag in TAGS])
FIRST_WEIGHTS = np.array([tag.first for tag in TAGS])
LATER_WEIGHTS = np.array([tag.later for tag in TAGS])
CUSTOMER_WEIGHTS = np.array([tag.customer for tag in TAGS])


def tag_at(campaign: str) -> int:
    """Position of the first tag with a campaign."""
    return next(i for i, tag in enumerate(TAGS) if tag.campaign == campaign)


DIRECT_TAG = 0
REMINDER_TAG = tag_at("cart_reminder")
TEENS_TAG = tag_at("tiktok_teens")
AUDIO_TAG = tag_at("podcast_home")
PUSH_TAG = tag_at("back_in_stock")
UNASSIGNED_TAG = tag_at("summer_flyer")


@dataclass(frozen=True)
class Campaign:
    """A line of ad_spend: `click` is in cents a click, `daily` in cents a day at scale 1."""

    campaign_id: str
    platform: str
    name: str | None
    channel: str
    click: float
    daily: int
    ctr: float | None  # clicks per impression; None: impressions and clicks are not reported
    overclaim: float | None  # claimed value over the net sales of orders the campaign touched
    category: str | None = None
    tag: str | None = None
    by_country: bool = True
    currency: str = "EUR"


CAMPAIGNS = [
    Campaign(
        campaign_id=row["campaign_id"],
        platform=row["platform"],
        name=row["name"] or None,
        channel=row["channel"],
        click=float(row["click"]),
        daily=int(row["daily"]),
        ctr=float(row["ctr"]) if row["ctr"] else None,
        overclaim=float(row["overclaim"]) if row["overclaim"] else None,
        category=row["category"] or None,
        tag=row["tag"] or None,
        by_country=row["by_country"] == "True",
        currency=row["currency"],
    )
    for row in _read("campaigns.csv")
]
NO_SALES = ["SP-PODCAST", "TT-TEENS"]
CAMPAIGN_OF_TAG = np.array(
    [next((i for i, c in enumerate(CAMPAIGNS) if c.campaign_id == tag.spend), -1) for tag in TAGS]
)
