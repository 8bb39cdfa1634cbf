"""From rows with a day and segments to values per period and segment.

Every KPI goes through the same two steps: `rollup` counts rows for all grains and segment types,
`kpi_rows` names a numerator and a denominator among the counts. Nothing is ever summed from days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from .catalogue import KPIS
from .raw import MONEY_UNITS

GRAINS = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
KEYS = ["period_grain", "period_start", "segment_type", "segment_value"]
Z_95 = 1.959963984540054  # ruling 22

KPI_SCHEMA = {
    "kpi": pl.String,
    "period_grain": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "segment_type": pl.String,
    "segment_value": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "is_complete_period": pl.Boolean,
}


def money(column: str | pl.Expr) -> pl.Expr:
    """Sum of an amount held in 1e-12 units, exact until the last division; 0 over no rows."""
    amount = pl.col(column) if isinstance(column, str) else column
    return amount.cast(pl.Int128).sum().cast(pl.Float64) / MONEY_UNITS


def money_or_null(column: str) -> pl.Expr:
    """As `money`, but null where no row has an amount."""
    return pl.when(pl.col(column).count() > 0).then(money(column))


def count(condition: pl.Expr) -> pl.Expr:
    """Rows where the condition holds (null is no)."""
    return condition.fill_null(False).sum().cast(pl.Float64)


def distinct(column: str, where: pl.Expr | None = None) -> pl.Expr:
    """Distinct values of a column that are not null, among the rows where the condition holds."""
    values = pl.col(column) if where is None else pl.col(column).filter(where.fill_null(False))
    return values.drop_nulls().n_unique().cast(pl.Float64)


def percentile(column: str, share: float) -> pl.Expr:
    """Interpolated percentile, as SQL's percentile_cont; null over no rows."""
    return pl.col(column).drop_nulls().quantile(share, interpolation="linear")


def segment_expression(segment_type: str) -> pl.Expr:
    """The value of a segment type; compounds joined by `|`; a null dimension is `unknown`."""
    if segment_type == "all":
        return pl.lit("all")
    parts = [pl.col(name).fill_null("unknown") for name in segment_type.split("+")]
    return parts[0] if len(parts) == 1 else pl.concat_str(parts, separator="|")


def kpi_segments(*kpis: str) -> list[str]:
    """Every segment type that any of these KPIs is cut by."""
    return list(dict.fromkeys(name for kpi in kpis for name in KPIS[kpi].segment_types))


def rollup(
    frame: pl.DataFrame,
    day: str,
    segment_types: Iterable[str],
    grains: Iterable[str] = tuple(GRAINS),
    **measures: pl.Expr,
) -> pl.DataFrame:
    """Aggregate rows by period and segment, for every grain and segment type.

    Rows without a day belong to no period. Measures are aggregating expressions.
    """
    dated = frame.filter(pl.col(day).is_not_null())
    parts = []
    for grain in grains:
        period = pl.col(day).dt.truncate(GRAINS[grain]).alias("period_start")
        for segment_type in segment_types:
            part = (
                dated.lazy()
                .group_by(period, segment_expression(segment_type).alias("segment_value"))
                .agg(**measures)
                .select(
                    pl.lit(grain).alias("period_grain"),
                    "period_start",
                    pl.lit(segment_type).alias("segment_type"),
                    pl.col("segment_value").cast(pl.String),
                    *measures,
                )
            )
            parts.append(part)
    return pl.concat(pl.collect_all(parts), how="vertical_relaxed")


def full_join(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Two rollups side by side; where one has no row its measures are null."""
    return left.join(right, on=KEYS, how="full", coalesce=True)


def kpi_rows(
    kpi: str,
    rolled: pl.DataFrame,
    numerator: str | pl.Expr | None = None,
    denominator: str | pl.Expr | None = None,
    value: str | pl.Expr | None = None,
) -> pl.DataFrame:
    """The rows of one KPI out of a rollup: its own segment types only, its own formula.

    `value` is given by percentiles only; otherwise it is scale x numerator / denominator, or the
    numerator where the KPI has no denominator.
    """

    def as_float(part: str | pl.Expr | None) -> pl.Expr:
        if part is None:
            return pl.lit(None, dtype=pl.Float64)
        return (pl.col(part) if isinstance(part, str) else part).cast(pl.Float64)

    definition = KPIS[kpi]
    rows = rolled.filter(pl.col("segment_type").is_in(definition.segment_types)).select(
        pl.lit(kpi).alias("kpi"),
        *KEYS,
        as_float(numerator).alias("numerator"),
        as_float(denominator).alias("denominator"),
        as_float(value).alias("value"),
    )
    if value is None:
        if denominator is None:
            formula = pl.col("numerator")
        else:
            formula = pl.when(pl.col("denominator") != 0).then(
                definition.scale * pl.col("numerator") / pl.col("denominator")
            )
        rows = rows.with_columns(formula.alias("value"))
    return rows


def finish(parts: list[pl.DataFrame], as_of: date) -> pl.DataFrame:
    """All KPI rows: sparse (ruling 21), with period end, interval and completeness."""
    empty = pl.DataFrame(
        schema={
            name: KPI_SCHEMA[name] for name in ("kpi", *KEYS, "numerator", "denominator", "value")
        }
    )
    rows = pl.concat([empty, *parts], how="vertical_relaxed").filter(
        (pl.col("numerator").fill_null(0) != 0) | (pl.col("denominator").fill_null(0) != 0)
    )
    grain = pl.col("period_grain")
    end = pl.coalesce(
        pl.when(grain == name).then(pl.col("period_start").dt.offset_by(step))
        for name, step in GRAINS.items()
    ).dt.offset_by("-1d")
    proportions = [kpi for kpi, definition in KPIS.items() if definition.proportion]
    trials = pl.when(pl.col("kpi").is_in(proportions) & (pl.col("denominator") > 0)).then(
        pl.col("denominator")
    )
    share, square = pl.col("numerator") / trials, Z_95**2
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    spread = share * (1 - share) / trials + square / (4 * trials**2)
    half = Z_95 * spread.sqrt() / (1 + square / trials)
    rows = rows.with_columns(
        end.alias("period_end"),
        (centre - half).alias("ci_low"),
        (centre + half).alias("ci_high"),
    ).with_columns((pl.col("period_end") <= as_of).alias("is_complete_period"))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in KPI_SCHEMA.items()).sort(
        "kpi", *KEYS
    )
