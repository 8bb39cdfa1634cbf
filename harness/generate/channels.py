"""How visitors come: tags of sessions, campaigns behind them, and what each channel truly does.

The chance that a prospect buys in a session is a sum, times factors for device, day and experiment:

    base + close(tag of this session) + sum of open(tag) over this person's sessions in the 30 days before it

So `open` is what an opener adds to every later session, and `close` what a closer adds to its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BASE = 0.0105
OPENER_DAYS = 30


@dataclass(frozen=True)
class Tag:
    """One way a session is marked. Weights: of first sessions, later ones, and customers' sessions."""

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
    Tag("direct", 7.0, 24.0, 26.0),
    Tag("paid_search", 2.0, 13.0, 13.0, "google", "cpc", "brand_eu", "www.google.com", close=0.006, spend="GA-BRAND"),
    Tag("paid_search", 0.3, 1.5, 1.2, "Google", "CPC", "Brand_EU", close=0.006, spend="GA-BRAND"),
    Tag("paid_search", 7.5, 3.0, 1.5, "google", "cpc", "generic_kitchen", open=0.010, close=0.008, spend="GA-GENERIC"),
    Tag("paid_search", 1.6, 1.4, 0.8, "bing", "ppc", "brand_bing", "www.bing.com", close=0.006, spend="MS-BRAND"),
    Tag("paid_shopping", 5.5, 4.0, 2.5, "google", "cpc", "shopping_all", open=0.006, close=0.014, spend="GA-SHOPPING"),
    Tag("paid_shopping", 1.0, 0.8, 0.4, "idealo", "cpc", "feed", "www.idealo.de", open=0.004, close=0.014),
    Tag("cross_network", 2.6, 2.4, 1.4, "google", "cpc", "pmax_cross-network", open=0.005, close=0.010, spend="GA-PMAX"),
    Tag("paid_social", 9.5, 1.0, 1.0, "facebook", "paid_social", "prospecting_home", "l.facebook.com", open=0.055, spend="ME-PROSPECT"),
    Tag("paid_social", 5.0, 0.6, 0.5, "instagram", "paid_social", "prospecting_outdoor", "l.instagram.com", open=0.055, spend="ME-OUTDOOR"),
    Tag("paid_social", 0.6, 0.1, 0.1, "FB", "Paid_Social", "Prospecting_Home", open=0.055, spend="ME-PROSPECT"),
    Tag("paid_social", 0.8, 1.6, 1.2, "facebook", "cpc", "retarget_cart", open=0.015, close=0.004, spend="ME-RETARGET"),
    Tag("paid_social", 2.6, 0.3, 0.2, "tiktok", "paid", "tiktok_creators", "www.tiktok.com", open=0.045, spend="TT-CREATORS"),
    Tag("paid_social", 0.0, 0.0, 0.0, "tiktok", "paid", "tiktok_teens", "www.tiktok.com", spend="TT-TEENS"),
    Tag("paid_social", 0.9, 0.2, 0.2, "pinterest", "paid", "pins_garden", "www.pinterest.fr", open=0.050, spend="PI-GARDEN"),
    Tag("paid_video", 3.0, 0.3, 0.2, "youtube", "cpv", "how_to_cook", "www.youtube.com", open=0.032, spend="GA-VIDEO"),
    Tag("paid_other", 1.2, 0.8, 0.3, "taboola", "cpc", "native_guides", open=0.004, close=0.002, spend="TA-NATIVE"),
    Tag("display", 6.5, 0.9, 0.5, "dv360", "display", "banner_spring", open=0.044, spend="DV-BANNER"),
    Tag("display", 1.5, 0.2, 0.1, "DV360", "Banner", "banner_spring", open=0.044, spend="DV-BANNER"),
    Tag("affiliate", 1.2, 7.0, 3.5, "awin", "affiliate", "cashback_club", "www.cashback-club.example", close=0.010, spend="AW-CASHBACK"),
    Tag("affiliate", 0.4, 1.2, 0.6, "tradedoubler", "Affiliates", "voucher_week", close=0.010, spend="AW-VOUCHER"),
    Tag("email", 0.3, 9.0, 20.0, "newsletter", "email", "weekly_letter", close=0.012, spend="EM-LETTER"),
    Tag("email", 0.0, 1.5, 2.5, "crm", "E-Mail", "Weekly_Letter", close=0.012, spend="EM-LETTER"),
    Tag("email", 0.0, 0.6, 1.0, "email", None, None, close=0.012),
    Tag("email", 0.0, 0.0, 0.0, "crm", "email", "cart_reminder", close=0.012, spend="EM-REMINDER"),
    Tag("sms", 0.0, 0.8, 1.5, "sms", "sms", "flash", close=0.010, spend="SM-FLASH"),
    Tag("mobile_push", 0.0, 0.8, 2.5, "app", "push", "back_in_stock", close=0.010),
    Tag("audio", 0.0, 0.0, 0.0, "spotify", "audio", "podcast_home", spend="SP-PODCAST"),
    Tag("organic_search", 13.0, 8.5, 7.0, referrer="www.google.fr", open=0.012, close=0.004),
    Tag("organic_search", 4.0, 3.0, 2.5, referrer="www.google.de", open=0.012, close=0.004),
    Tag("organic_search", 2.0, 1.2, 1.0, referrer="www.bing.com", open=0.012, close=0.004),
    Tag("organic_search", 0.8, 0.6, 0.4, referrer="duckduckgo.com", open=0.012, close=0.004),
    Tag("organic_search", 0.5, 0.4, 0.3, referrer="www.ecosia.org", open=0.012, close=0.004),
    Tag("organic_shopping", 1.2, 0.8, 0.4, referrer="www.idealo.fr", open=0.004, close=0.008),
    Tag("organic_social", 4.5, 0.6, 0.5, referrer="l.facebook.com", open=0.036),
    Tag("organic_social", 3.5, 0.4, 0.4, referrer="l.instagram.com", open=0.036),
    Tag("organic_social", 1.2, 0.2, 0.2, "pinterest", "social", "boards", open=0.036),
    Tag("organic_social", 0.5, 0.1, 0.1, referrer="t.co", open=0.036),
    Tag("organic_video", 1.8, 0.3, 0.2, referrer="www.youtube.com", open=0.024),
    Tag("referral", 2.4, 1.0, 0.6, referrer="www.maison-deco.example", open=0.010, close=0.002),
    Tag("referral", 1.2, 0.6, 0.4, "partner_blog", "referral", None, open=0.010, close=0.002),
    Tag("unassigned", 0.6, 0.8, 0.9, "flyer", "qr", "summer_flyer", close=0.001),
    Tag("unassigned", 0.5, 0.7, 0.8, "newsletter", None, None, close=0.001),
]  # fmt: skip

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


REMINDER_TAG = tag_at("cart_reminder")
TEENS_TAG = tag_at("tiktok_teens")
AUDIO_TAG = tag_at("podcast_home")
PUSH_TAG = tag_at("back_in_stock")
SOCIAL_TAG = tag_at("prospecting_home")
UNASSIGNED_TAG = tag_at("summer_flyer")


@dataclass(frozen=True)
class Campaign:
    """A line of ad_spend. `click` in cents a click; `daily` in cents a day at scale 1, without clicks."""

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
    Campaign("GA-BRAND", "google_ads", "Brand EU", "paid_search", 62, 0, 0.085, 1.10, tag="brand_eu"),
    Campaign("GA-GENERIC", "google_ads", "Generic kitchen", "paid_search", 101, 0, 0.042, 1.10, "kitchen", "generic_kitchen"),
    Campaign("GA-SHOPPING", "google_ads", "Shopping all", "paid_shopping", 75, 0, 0.012, 1.15, None, "shopping_all"),
    Campaign("GA-PMAX", "google_ads", "Performance Max", "cross_network", 84, 0, 0.010, 1.60, None, "pmax_cross-network"),
    Campaign("GA-VIDEO", "google_ads", "How to cook", "paid_video", 48, 0, 0.006, 1.60, "cookware", "how_to_cook"),
    Campaign("MS-BRAND", "microsoft_ads", "Brand Bing", "paid_search", 53, 0, 0.075, 1.10, None, "brand_bing", False, "GBP"),
    Campaign("ME-PROSPECT", "meta_ads", "Prospecting home", "paid_social", 92, 0, 0.011, 1.90, "tableware", "prospecting_home"),
    Campaign("ME-OUTDOOR", "meta_ads", "Prospecting outdoor", "paid_social", 99, 0, 0.011, 1.90, "outdoor", "prospecting_outdoor"),
    Campaign("ME-RETARGET", "meta_ads", "Retarget carts", "paid_social", 114, 0, 0.014, 2.40, None, "retarget_cart", False),
    Campaign("TT-CREATORS", "tiktok_ads", "Creators", "paid_social", 53, 0, 0.009, 2.10, None, "tiktok_creators", False),
    Campaign("TT-TEENS", "tiktok_ads", "Teens test", "paid_social", 66, 0, 0.008, None, None, "tiktok_teens", False),
    Campaign("PI-GARDEN", "pinterest_ads", "Pins garden", "paid_social", 57, 0, 0.007, 1.50, "garden", "pins_garden", False),
    Campaign("TA-NATIVE", "taboola", None, "paid_other", 44, 0, 0.004, 1.40, None, "native_guides", False),
    Campaign("DV-BANNER", "dv360", "Spring banners", "display", 79, 0, 0.0018, 3.00, None, "banner_spring"),
    Campaign("AW-CASHBACK", "awin", "Cashback club", "affiliate", 62, 0, None, 1.00, None, "cashback_club", False),
    Campaign("AW-VOUCHER", "tradedoubler", "Voucher week", "affiliate", 58, 0, None, 1.00, None, "voucher_week", False),
    Campaign("EM-LETTER", "mailer", "Weekly letter", "email", 4, 300, None, None, None, "weekly_letter", False),
    Campaign("EM-REMINDER", "mailer", "Cart reminder", "email", 4, 60, None, None, None, "cart_reminder", False),
    Campaign("SM-FLASH", "sms_gate", "Flash", "sms", 18, 40, None, None, None, "flash", False),
    Campaign("SP-PODCAST", "spotify_ads", "Podcast home", "audio", 35, 600, 0.002, None, None, "podcast_home", False),
    Campaign("SEO-CONTENT", "seo", "Technical SEO", "organic_search", 0, 2200, None, None, None, None, False),
    Campaign("CONTENT-SOCIAL", "content_studio", "Social content", "organic_social", 0, 1500, None, None, None, None, False),
]  # fmt: skip
NO_SALES = ["SP-PODCAST", "TT-TEENS"]
CAMPAIGN_OF_TAG = np.array(
    [
        next((i for i, c in enumerate(CAMPAIGNS) if c.campaign_id == tag.spend), -1)
        for tag in TAGS
    ]
)
