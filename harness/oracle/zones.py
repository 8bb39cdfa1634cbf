"""Delivery zones by country and region, from `seeds/zones.csv` (ruling 19)."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl


def read_zones(seed: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Zones of regions (country, region, zone) and of whole countries (country, zone)."""
    with seed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    regions = [row for row in rows if row["region"]]
    countries = [row for row in rows if not row["region"]]
    return (
        pl.DataFrame(
            [(row["country_code"], row["region"], row["zone"]) for row in regions],
            schema={"__country": pl.String, "__region": pl.String, "__by_region": pl.String},
            orient="row",
        ),
        pl.DataFrame(
            [(row["country_code"], row["zone"]) for row in countries],
            schema={"__country": pl.String, "__by_country": pl.String},
            orient="row",
        ),
    )


def add_zone(
    frame: pl.DataFrame, seed: Path, country: str, region: str | None = None, name: str = "zone"
) -> pl.DataFrame:
    """Add the zone: the region's own where it has one, else its country's, else null."""
    regions, countries = read_zones(seed)
    region_value = pl.col(region) if region else pl.lit(None, dtype=pl.String)
    return (
        frame.with_columns(pl.col(country).alias("__country"), region_value.alias("__region"))
        .join(regions, on=["__country", "__region"], how="left", maintain_order="left")
        .join(countries, on="__country", how="left", maintain_order="left")
        .with_columns(pl.coalesce("__by_region", "__by_country").alias(name))
        .drop("__country", "__region", "__by_region", "__by_country")
    )
