"""Two sets of KPI values held against each other: null-safe, a missing side is a difference."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

GRAIN = ["kpi", "period_grain", "period_start", "segment_type", "segment_value"]
MEASURES = ["numerator", "denominator", "value", "ci_low", "ci_high"]
OTHERS = ["period_end", "is_complete_period"]
RELATIVE, ABSOLUTE = 1e-9, 1e-9


def prepare(frame: pl.DataFrame, kpis: Iterable[str] | None) -> pl.DataFrame:
    """The compared columns in comparable types; nan and infinity stay what they are."""
    selected = frame.select(
        *(pl.col(name).cast(pl.String) for name in GRAIN if name != "period_start"),
        pl.col("period_start").cast(pl.Date),
        *(pl.col(name).cast(pl.Float64) for name in MEASURES),
        pl.col("period_end").cast(pl.Date),
        pl.col("is_complete_period").cast(pl.Boolean),
    ).select(*GRAIN, *MEASURES, *OTHERS)
    return selected.filter(pl.col("kpi").is_in(list(kpis))) if kpis is not None else selected


def compare(
    expected: pl.DataFrame, actual: pl.DataFrame, kpis: Iterable[str] | None = None
) -> pl.DataFrame:
    """One row per difference: the grain, the column, both sides, and a sentence.

    `expected` is the oracle's. Rows are matched by full outer join on the grain; a duplicate of a
    grain is a difference too. Numbers agree within 1e-9, relative or absolute.
    """
    wanted = list(kpis) if kpis is not None else None
    left, right = prepare(expected, wanted), prepare(actual, wanted)
    parts = []
    for side, frame in (("expected", left), ("actual", right)):
        double = frame.group_by(GRAIN).len().filter(pl.col("len") > 1)
        parts.append(double.select(
            *GRAIN, pl.lit("row").alias("column"),
            pl.lit(None, dtype=pl.String).alias("expected"),
            pl.lit(None, dtype=pl.String).alias("actual"),
            pl.format("{} rows of this grain in the " + side + " values", "len").alias("problem"),
        ))  # fmt: skip
    joined = left.with_columns(pl.lit(True).alias("here")).join(
        right.with_columns(pl.lit(True).alias("there")),
        on=GRAIN, how="full", coalesce=True, suffix="_actual", nulls_equal=True,
    )  # fmt: skip
    for mark, problem in (("there", "missing from the actual values"),
                          ("here", "not expected at all")):  # fmt: skip
        suffix = "" if mark == "there" else "_actual"
        lone = joined.filter(pl.col(mark).is_null())
        shown = pl.col(f"value{suffix}").cast(pl.String).fill_null("null")
        nothing = pl.lit(None, dtype=pl.String)
        parts.append(lone.select(
            *GRAIN, pl.lit("row").alias("column"),
            (shown if mark == "there" else nothing).alias("expected"),
            (nothing if mark == "there" else shown).alias("actual"),
            pl.lit(problem).alias("problem"),
        ))  # fmt: skip
    both = joined.filter(pl.col("here") & pl.col("there"))
    for name in MEASURES + OTHERS:
        ours, theirs = pl.col(name), pl.col(f"{name}_actual")
        if name in MEASURES:
            larger = pl.max_horizontal(ours.abs(), theirs.abs())
            near = (ours - theirs).abs() <= pl.max_horizontal(pl.lit(ABSOLUTE), RELATIVE * larger)
            regular = ours.is_finite() & theirs.is_finite()
            equal = (regular & near) | (~regular & ours.eq_missing(theirs))
            same = pl.when(ours.is_null() | theirs.is_null()).then(
                ours.is_null() & theirs.is_null()
            ).otherwise(equal)  # fmt: skip
        else:
            same = ours.eq_missing(theirs)
        parts.append(both.filter(~same).select(
            *GRAIN, pl.lit(name).alias("column"),
            ours.cast(pl.String).fill_null("null").alias("expected"),
            theirs.cast(pl.String).fill_null("null").alias("actual"),
            pl.lit("differs").alias("problem"),
        ))  # fmt: skip
    return pl.concat(parts).sort(*GRAIN, "column")


def sentences(differences: pl.DataFrame, per_kpi: int = 5) -> list[str]:
    """Clear sentences: for each KPI how many differences, and the first of them."""
    lines = []
    for (kpi,), group in differences.group_by("kpi", maintain_order=True):
        rows = group.select(GRAIN).unique().height
        lines.append(f"{kpi}: {rows} row(s) differ")
        for row in group.head(per_kpi).iter_rows(named=True):
            place = (
                f"{row['period_grain']} {row['period_start']}, "
                f"{row['segment_type']} = {row['segment_value']}"
            )
            if row["problem"] == "differs":
                told = f"{row['column']} should be {row['expected']} and is {row['actual']}"
            elif row["expected"] is not None:
                told = f"{row['problem']} (value {row['expected']})"
            elif row["actual"] is not None:
                told = f"{row['problem']} (value {row['actual']})"
            else:
                told = row["problem"]
            lines.append(f"  {place}: {told}")
    return lines


def compare_rows(
    expected: pl.DataFrame, actual: pl.DataFrame, keys: list[str], values: list[str]
) -> list[str]:
    """Sentences on the rows of two tables that are not the same, matched on `keys`, null-safe.

    Meant for counts and texts (the accounting of raw rows, the rejected ones): no tolerance.
    """
    left = expected.select(*keys, *values, pl.lit(True).alias("here"))
    right = actual.select(*keys, *values, pl.lit(True).alias("there"))
    if left.select(keys).is_duplicated().any() or right.select(keys).is_duplicated().any():
        return [f"{', '.join(keys)} is not a key on both sides"]
    joined = left.join(
        right, on=keys, how="full", coalesce=True, suffix="_actual", nulls_equal=True
    ).sort(keys)
    lines = []
    for row in joined.iter_rows(named=True):
        place = ", ".join(f"{key} = {row[key]}" for key in keys)
        if not row["there"]:
            lines.append(f"{place}: missing from the warehouse")
        elif not row["here"]:
            lines.append(f"{place}: not expected at all")
        else:
            lines.extend(
                f"{place}: {name} should be {row[name]} and is {row[name + '_actual']}"
                for name in values
                if row[name] != row[f"{name}_actual"]
            )
    return lines
