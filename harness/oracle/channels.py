"""The marketing channel of a session, by the rules of `seeds/channel_rules.csv` (decision 9)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl


class ChannelRules:
    """The rules in order; the first whose three patterns are all found decides."""

    def __init__(self, seed: Path) -> None:
        with seed.open(newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["rule_order"]))
        self.rules = [
            (
                row["channel"],
                *(
                    re.compile(row[f"{part}_pattern"]) if row[f"{part}_pattern"] else None
                    for part in ("source", "medium", "campaign")
                ),
            )
            for row in rows
        ]

    def channel(
        self,
        utm_source: str | None,
        utm_medium: str | None,
        utm_campaign: str | None,
        referrer_host: str | None,
    ) -> str:
        """The channel of one combination of tagging and referrer."""
        if utm_source is not None:
            source = utm_source
        elif utm_medium is not None:
            source = "(not set)"
        else:
            source = referrer_host if referrer_host is not None else "(direct)"
        if utm_medium is not None:
            medium = utm_medium
        elif utm_source is not None:
            medium = "(not set)"
        else:
            medium = "referral" if referrer_host is not None else "(none)"
        texts = [
            source.lower(),
            medium.lower(),
            utm_campaign.lower() if utm_campaign is not None else None,
        ]
        for name, *patterns in self.rules:
            if all(
                pattern is None or (text is not None and pattern.search(text))
                for pattern, text in zip(patterns, texts, strict=True)
            ):
                return name
        return "unassigned"


def add_channel(sessions: pl.DataFrame, seed: Path) -> pl.DataFrame:
    """Sessions with their `channel`; each distinct combination is judged once."""
    rules = ChannelRules(seed)
    fields = ["utm_source", "utm_medium", "utm_campaign", "referrer_host"]
    combinations = sessions.select(fields).unique()
    judged = combinations.with_columns(
        pl.Series("channel", [rules.channel(*row) for row in combinations.rows()], dtype=pl.String)
    )
    return sessions.join(judged, on=fields, how="left", nulls_equal=True)
