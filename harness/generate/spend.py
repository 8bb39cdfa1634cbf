"""What marketing costs, by day, campaign and country, and what the platforms claim for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.generate import timeline
from harness.generate.catalogue import COUNTRIES
from harness.generate.channels import CAMPAIGNS, TAGS, Campaign
from harness.generate.frames import DAY, HOUR, NA, Codes, stream

LANDS = ["FR", "DE", "BE", "ES", "IT", "GB", "NL"]  # countries with budgets of their own
CLICKS_PER_SESSION = 1.14


def land_of(country: np.ndarray) -> np.ndarray:
    """Position in LANDS of a country; the first for those without a budget of their own."""
    places = np.array([LANDS.index(c) if c in LANDS else 0 for c in COUNTRIES])
    return places[country]


def rows(
    seed: int,
    clicks: np.ndarray,
    touched: np.ndarray,
    value: np.ndarray,
    scale: float,
    rates: np.ndarray,
) -> Iterator[dict[str, object]]:
    """Columns of ad_spend, one campaign at a time.

    `clicks` (sessions), `touched` (orders) and `value` (their net sales, EUR cents) are arrays of
    days x campaigns x LANDS.
    """
    for number, campaign in enumerate(CAMPAIGNS):
        rng = stream(seed, "spend", number)
        yield _campaign(
            rng, campaign, clicks[:, number], touched[:, number], value[:, number], scale, rates
        )


def _campaign(
    rng: np.random.Generator,
    campaign: Campaign,
    sessions: np.ndarray,
    touched: np.ndarray,
    value: np.ndarray,
    scale: float,
    rates: np.ndarray,
) -> dict[str, object]:
    if not campaign.by_country:
        sessions, touched, value = (
            x.sum(axis=1, keepdims=True) for x in (sessions, touched, value)
        )
    days, lands = sessions.shape
    day = np.repeat(np.arange(days), lands)
    land = np.tile(np.arange(lands), days)
    sessions, touched, value = sessions.ravel(), touched.ravel(), value.ravel()
    clicks = rng.poisson(sessions * CLICKS_PER_SESSION)
    drift = 1 + 0.18 * day / 365  # clicks get dearer
    season = timeline.buying()[day]
    noise = rng.uniform(0.85, 1.15, len(day))
    cost = clicks * campaign.click * drift * season * noise + campaign.daily * scale * noise
    if campaign.currency == "GBP":
        cost = cost / (rates[day] / 1_000_000)
    cost = np.rint(cost).astype(np.int64)
    if campaign.ctr is None:
        impressions, shown = np.full(len(day), NA), np.full(len(day), NA)
        if campaign.click and campaign.channel == "affiliate":
            shown = clicks
    else:
        impressions = np.rint(clicks / campaign.ctr * rng.uniform(0.8, 1.25, len(day))).astype(
            np.int64
        )
        shown = np.where(rng.random(len(day)) < 0.004, NA, clicks)
    if campaign.overclaim is None:
        claims = amount = np.full(len(day), NA)
        if campaign.campaign_id == "TT-TEENS":
            claims = amount = np.zeros(len(day), dtype=np.int64)
    else:
        claims = np.rint(touched * campaign.overclaim * 100).astype(np.int64)
        rate = rates[day] / 1_000_000 if campaign.currency == "GBP" else 1.0
        amount = np.rint(value * campaign.overclaim / rate).astype(np.int64)
    spent = cost > 0
    tag = next((t for t in TAGS if t.campaign == campaign.tag), None) if campaign.tag else None
    size = int(spent.sum())

    def same(text: str | None) -> Codes:
        return Codes(np.full(size, -1 if text is None else 0), [text])

    country = np.where(land >= 0, land, 0) if campaign.by_country else np.full(len(day), -1)
    if campaign.campaign_id == "MS-BRAND":
        country = np.full(len(day), LANDS.index("GB"))
    return {
        "spend_date": (timeline.ORIGIN + day)[spent],
        "platform": same(campaign.platform),
        "campaign_id": same(campaign.campaign_id),
        "campaign_name": same(campaign.name),
        "channel": same(campaign.channel),
        "country_code": Codes(country[spent], LANDS),
        "currency": same(campaign.currency),
        "cost": cost[spent],
        "impressions": impressions[spent],
        "clicks": shown[spent],
        "platform_conversions": claims[spent],
        "platform_conversion_value": amount[spent],
        "utm_source": same(tag.source if tag else None),
        "utm_medium": same(tag.medium if tag else None),
        "utm_campaign": same(tag.campaign if tag else None),
        "promoted_category": same(campaign.category),
        "loaded_at": (timeline.ORIGIN + day + 1)[spent] * DAY + 3 * HOUR,
    }
