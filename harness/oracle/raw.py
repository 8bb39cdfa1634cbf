"""The raw files, row by row: read, cast, check, and keep the newest valid copy of each key.

The input contract (`models/staging/_staging__sources.yml`) is read as data; what its words mean is
written here anew. Rulings 1 to 5 of the specification and decisions 1 to 8 apply.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import polars as pl
import yaml

CONTRACT_FILE = Path("models") / "staging" / "_staging__sources.yml"
# Amounts are held as whole numbers: raw ones of 1e-4, rates of 1e-8, their products of 1e-12.
# So no conversion and no sum is rounded.
AMOUNT_DIGITS, RATE_DIGITS = 4, 8
AMOUNT_UNITS, RATE_UNITS = 10**AMOUNT_DIGITS, 10**RATE_DIGITS
MONEY_UNITS = AMOUNT_UNITS * RATE_UNITS

# (currency column, columns with an amount to convert or None for "always", time or date of the row)
CONVERTED: dict[str, tuple[tuple[str, ...] | None, str]] = {
    "orders": (None, "ordered_at"),
    "refunds": (None, "refunded_at"),
    "ad_spend": (None, "spend_date"),
    "session_events": (("value", "shipping_quote_amount"), "event_at"),
    "shipments": (("shipping_cost",), "shipped_at"),
    "leads": (("value",), "created_at"),
}

EMPTY_DTYPES = {
    "varchar": pl.String,
    "timestamp": pl.Datetime("us"),
    "date": pl.Date,
    "decimal": pl.Int64,
    "integer": pl.Int64,
    "bigint": pl.Int64,
    "boolean": pl.Boolean,
}

TIMESTAMP_TEXT = re.compile(
    r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?"
    r"\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$"
)


@dataclass
class Column:
    """One column of the contract."""

    name: str
    type: str
    nullable: bool = False
    accepted: tuple[str, ...] = ()
    check: str | None = None
    references: tuple[str, str] | None = None
    default: str | None = None
    is_plan: bool = False
    is_personal: bool = False


@dataclass
class Table:
    """One table of the contract."""

    name: str
    required: bool
    primary_key: tuple[str, ...]
    columns: list[Column]
    row_checks: list[str] = field(default_factory=list)

    @property
    def parents(self) -> set[str]:
        """Tables that this one refers to."""
        return {column.references[0] for column in self.columns if column.references}


@dataclass
class RawShop:
    """Accepted rows by table, the accounting of all rows, and the rejected ones with reasons."""

    tables: dict[str, pl.DataFrame]
    accounting: pl.DataFrame
    rejected: pl.DataFrame
    rates: Rates


@functools.cache
def read_contract(project_dir: Path) -> dict[str, Table]:
    """The input contract, in file order."""
    document = yaml.safe_load((project_dir / CONTRACT_FILE).read_text())
    contract = {}
    for entry in document["sources"][0]["tables"]:
        meta = entry["config"]["meta"]
        columns = []
        for item in entry["columns"]:
            rules = item.get("config", {}).get("meta", {})
            reference = rules.get("references")
            columns.append(
                Column(
                    name=item["name"],
                    type=item["data_type"],
                    nullable=rules.get("nullable", False),
                    accepted=tuple(rules.get("accepted", ())),
                    check=rules.get("check"),
                    references=tuple(reference.split(".")) if reference else None,
                    default=rules.get("default"),
                    is_plan=rules.get("is_plan", False),
                    is_personal=rules.get("pii", False),
                )
            )
        contract[entry["name"]] = Table(
            name=entry["name"],
            required=meta["required"],
            primary_key=tuple(meta["primary_key"]),
            columns=columns,
            row_checks=[check["reason"] for check in meta.get("row_checks", [])],
        )
    return contract


class Rates:
    """Exchange rates into the reporting currency: the latest day on or before the row's day."""

    def __init__(self, rates: pl.DataFrame, reporting_currency: str) -> None:
        self.reporting_currency = reporting_currency
        self.frame = (
            rates.filter(pl.col("to_currency") == reporting_currency)
            .select("rate_date", "from_currency", "rate")
            .sort("rate_date")
        )

    def lookup(self, frame: pl.DataFrame, currency: str, day: str, name: str) -> pl.DataFrame:
        """Add column `name`, in 1e-8: 1 where no currency is stated, null without a rate."""
        here = frame.with_row_index("__row").with_columns(pl.col(day).alias("__day"))
        rated = (
            here.filter(
                pl.col(currency).is_not_null()
                & (pl.col(currency) != self.reporting_currency)
                & pl.col("__day").is_not_null()
            )
            .select("__row", "__day", pl.col(currency).alias("from_currency"))
            .sort("__day")
            .join_asof(
                self.frame,
                left_on="__day",
                right_on="rate_date",
                by="from_currency",
                strategy="backward",
                check_sortedness=False,
            )
            .select("__row", pl.col("rate").alias("__found"))
        )
        return (
            here.join(rated, on="__row", how="left", maintain_order="left")
            .with_columns(
                pl.when(pl.col(currency).is_null() | (pl.col(currency) == self.reporting_currency))
                .then(RATE_UNITS)
                .otherwise(pl.col("__found"))
                .alias(name)
            )
            .drop("__row", "__day", "__found")
        )


def read_file(raw_dir: Path, table: Table) -> pl.DataFrame:
    """The rows of one file, with the contract's columns in the contract's order."""
    parquet, csv = raw_dir / f"{table.name}.parquet", raw_dir / f"{table.name}.csv"
    if parquet.exists():
        frame = pl.read_parquet(parquet)
    elif csv.exists():
        frame = pl.read_csv(csv, infer_schema=False)
    else:
        raise FileNotFoundError(
            f"{table.name} is neither in {raw_dir} nor listed as missing: "
            f"expected {table.name}.parquet or {table.name}.csv"
        )
    frame = frame.rename({name: name.lower() for name in frame.columns}, strict=False)
    absent = [column.name for column in table.columns if column.name not in frame.columns]
    if absent:
        raise ValueError(f"{table.name} lacks the column(s) {', '.join(absent)}")
    return frame.select(column.name for column in table.columns)


def day_of(column: str, zone: str) -> pl.Expr:
    """The calendar day of a UTC timestamp in the reporting time zone (ruling 13)."""
    if zone == "UTC":
        return pl.col(column).dt.date()
    return pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


# ---- casts: each returns null where the value cannot be read as the type ---------------------


def parse_timestamp(text: str) -> datetime | None:
    """One timestamp of any usual spelling, in UTC without zone."""
    found = TIMESTAMP_TEXT.match(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        moment = datetime(int(year), int(month), int(day))
    except ValueError:
        return None
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    micros = int(((fraction or "") + "000000")[:6])
    if minutes > 59 or seconds > 59 or hours > 24 or (hours == 24 and minutes + seconds + micros):
        return None
    moment += timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    if offset and offset not in ("Z", "UTC"):
        digits = offset[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        moment -= shift if offset[0] == "+" else -shift
    return moment


def cast_timestamp(values: pl.Series) -> pl.Series:
    """To a UTC timestamp without zone."""
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("us"))
    if isinstance(values.dtype, pl.Datetime):
        if values.dtype.time_zone:
            values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return values.dt.cast_time_unit("us")
    if values.dtype != pl.String:
        return pl.Series(values.name, [None] * len(values), dtype=pl.Datetime("us"))
    usual = values.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    unread = values.filter(values.is_not_null() & usual.is_null()).unique().to_list()
    if not unread:
        return usual
    other = [parse_timestamp(text) for text in unread]
    by_hand = values.replace_strict(
        unread, pl.Series(other, dtype=pl.Datetime("us")), default=None,
        return_dtype=pl.Datetime("us"),
    )  # fmt: skip
    return usual.fill_null(by_hand)


def cast_date(values: pl.Series, zone: str) -> pl.Series:
    """To a calendar day: of moments with a time zone that are not all at midnight UTC, the day in
    the reporting time zone (decision 2)."""
    if values.dtype == pl.Date:
        return values
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        there = values.dt.convert_time_zone("UTC")
        if not (there.dt.time() == time(0)).all():
            there = there.dt.convert_time_zone(zone)
        return there.dt.date()
    return cast_timestamp(values).dt.date()


def within_years(moments: pl.Series, is_plan: bool) -> pl.Series:
    """Null before 1900 and from 2200 on: no event of a shop. A plan has a year of four digits."""
    first, last = (1, 9999) if is_plan else (1900, 2199)
    years = moments.dt.year()
    return pl.select(pl.when(years.is_between(first, last)).then(moments)).to_series()


def cast_decimal(values: pl.Series, digits: int, whole_digits: int) -> pl.Series:
    """To whole numbers of the last of `digits` decimals, rounded half up; null if out of room."""
    kept = 12
    if values.dtype == pl.String:
        values = values.str.strip_chars()
    elif values.dtype.is_float():
        values = values.fill_nan(None)
    elif not values.dtype.is_numeric():
        return pl.Series(values.name, [None] * len(values), dtype=pl.Int64)
    exact = values.cast(pl.Decimal(38, kept), strict=False).to_physical().to_frame("v")
    step = 10 ** (kept - digits)
    rounded = exact.select(
        (((pl.col("v").abs() + step // 2) // step) * pl.col("v").sign()).alias(values.name)
    ).to_series()
    whole = rounded.cast(pl.Int64, strict=False)
    return (
        pl.select(pl.when(whole.abs() < 10 ** (whole_digits + digits)).then(whole))
        .to_series()
        .alias(values.name)
    )


def cast_whole(values: pl.Series, bits: int) -> pl.Series:
    """To a whole number: 2.0 is 2, 2.5 is nothing (decision 5)."""
    if values.dtype.is_integer():
        number = values.cast(pl.Float64)
        whole = values.cast(pl.Int64, strict=False)
    elif values.dtype == pl.String or values.dtype.is_numeric():
        text = values.str.strip_chars() if values.dtype == pl.String else values
        whole = text.cast(pl.Int64, strict=False)
        number = text.cast(pl.Float64, strict=False)
        from_fraction = number.is_finite() & (number == number.floor()) & (number.abs() < 2**53)
        whole = pl.select(
            pl.when(from_fraction).then(number.cast(pl.Int64, strict=False))
            .when(number.abs() >= 2**53).then(whole)
        ).to_series()  # fmt: skip
    else:
        return pl.Series(values.name, [None] * len(values), dtype=pl.Int64)
    limit = 2 ** (bits - 1)
    fits = (number >= -limit) & (number < limit)
    return pl.select(pl.when(fits).then(whole)).to_series().alias(values.name)


def cast_text(values: pl.Series) -> pl.Series:
    """To text; 123.0 is 123, as a whole number with gaps comes out of pandas (decision 2)."""
    if not (values.dtype.is_float() or values.dtype.is_decimal()):
        return values.cast(pl.String, strict=False)
    plain = pl.col(values.name)
    if values.dtype.is_float():
        plain = plain.fill_nan(None)
    whole = plain.cast(pl.Int64, strict=False)
    return values.to_frame().select(
        pl.when(plain == plain.floor()).then(whole.cast(pl.String)).otherwise(plain.cast(pl.String))
    ).to_series()  # fmt: skip


def cast_boolean(values: pl.Series) -> pl.Series:
    """To true or false."""
    if values.dtype == pl.Boolean:
        return values
    if values.dtype.is_numeric():
        return values.cast(pl.Boolean, strict=False)
    words = {
        "true": True, "t": True, "1": True, "1.0": True, "yes": True, "y": True,
        "false": False, "f": False, "0": False, "0.0": False, "no": False, "n": False,
    }  # fmt: skip
    return (
        values.str.strip_chars(" ")
        .str.to_lowercase()
        .replace_strict(words, default=None, return_dtype=pl.Boolean)
    )


def cast(values: pl.Series, column: Column, table: str, zone: str) -> pl.Series:
    """One column to its type; null where that fails."""
    match column.type:
        case "varchar":
            return cast_text(values)
        case "timestamp":
            return within_years(cast_timestamp(values), column.is_plan)
        case "date":
            return within_years(cast_date(values, zone), column.is_plan)
        case "decimal":
            # decimal(18, 10) and decimal(18, 4) leave 8 and 14 digits before the point
            if table == "fx_rates":
                return cast_decimal(values, RATE_DIGITS, 8)
            return cast_decimal(values, AMOUNT_DIGITS, 14)
        case "integer":
            return cast_whole(values, 32)
        case "bigint":
            return cast_whole(values, 64)
        case "boolean":
            return cast_boolean(values)
    raise ValueError(f"unknown type {column.type} of {table}.{column.name}")


# ---- checks ----------------------------------------------------------------------------------

ROW_CHECKS: dict[str, pl.Expr] = {
    "discount_above_line": pl.col("discount_amount").cast(pl.Int128)
    > pl.col("quantity").cast(pl.Int128) * pl.col("unit_price"),
    # 10^15, in 1e-4
    "line_out_of_range": pl.col("quantity").cast(pl.Int128) * pl.col("unit_price") >= 10**19,
    "score_out_of_range": pl.col("score").is_not_null()
    & pl.when(pl.col("survey_type") == "nps")
    .then(~pl.col("score").is_between(0, 10))
    .when(pl.col("survey_type") == "csat")
    .then(~pl.col("score").is_between(1, 5))
    # of a survey whose type is missing: what neither range holds
    .otherwise(pl.col("survey_type").is_not_null() | ~pl.col("score").is_between(0, 10)),
}


def fails(check: str, column: str) -> pl.Expr:
    """Where a column check of the contract (`>= 0`, `> 0`) is broken."""
    sign, bound = check.split()
    if sign == ">=":
        return pl.col(column) < float(bound)
    if sign == ">":
        return pl.col(column) <= float(bound)
    raise ValueError(f"unknown check {check!r}")


def no_rate(frame: pl.DataFrame, table: str, shop: dict[str, pl.DataFrame], rates: Rates,
            zone: str) -> pl.Series:  # fmt: skip
    """The stated currency of the rows that have something to convert and no rate, else null."""
    amounts, moment = CONVERTED[table]
    if moment == "spend_date":
        frame = frame.with_columns(pl.col(moment).alias("__own_day"))
    else:
        frame = frame.with_columns(day_of(moment, zone).alias("__own_day"))
    if table == "shipments":
        ordered = shop["orders"].select("order_id", day_of("ordered_at", zone).alias("__ordered"))
        frame = frame.join(ordered, on="order_id", how="left", maintain_order="left").with_columns(
            pl.coalesce("__own_day", day_of("released_at", zone), "__ordered").alias("__own_day")
        )
    rated = rates.lookup(frame, "currency", "__own_day", "__rate")
    unrated = pl.col("__rate").is_null() & pl.col("__own_day").is_not_null()
    if amounts:
        unrated &= pl.any_horizontal(pl.col(name).is_not_null() for name in amounts)
    return rated.select(pl.when(unrated).then(pl.col("currency"))).to_series()


def check_table(
    raw: pl.DataFrame, table: Table, shop: dict[str, pl.DataFrame], rates: Rates | None, zone: str
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Accepted rows, rejected rows (row_key, reason) and the counts of one table."""
    present: dict[str, pl.Series] = {}
    typed: dict[str, pl.Series] = {}
    for column in table.columns:
        values = raw.get_column(column.name)
        if values.dtype in (pl.Categorical, pl.Null) or isinstance(values.dtype, pl.Enum):
            values = values.cast(pl.String)
        if values.dtype == pl.String:
            frame = values.to_frame("v")
            values = frame.select(
                pl.when(pl.col("v").str.strip_chars() != "").then(pl.col("v")).alias(column.name)
            ).to_series()
        if column.default is not None:
            values = values.fill_null(column.default)
        present[column.name] = values
        typed[column.name] = cast(values, column, table.name, zone).alias(column.name)
    frame = pl.DataFrame(typed)
    given = pl.DataFrame({f"__given_{name}": values for name, values in present.items()})
    frame = pl.concat([frame, given], how="horizontal")

    reasons: list[pl.Series] = []

    def note(broken: pl.Expr, reason: str) -> None:
        flags = frame.select(broken.fill_null(False)).to_series()
        if flags.any():
            reasons.append(
                pl.select(pl.when(flags).then(pl.lit(reason))).to_series().alias("reason")
            )

    for column in table.columns:
        name, read, raw_value = column.name, pl.col(column.name), pl.col(f"__given_{column.name}")
        if not column.nullable:
            note(raw_value.is_null(), f"missing: {name}")
        note(raw_value.is_not_null() & read.is_null(), f"not_a_{column.type}: {name}")
        if column.accepted:
            note(~read.is_in(column.accepted), f"not_accepted: {name}")
        if column.check:
            note(fails(column.check, name), f"check_failed: {name}")
    latest = pl.col("loaded_at") + pl.duration(days=1)
    for column in table.columns:
        is_event = column.type in ("timestamp", "date") and column.name != "loaded_at"
        if is_event and not column.is_plan:
            note(
                pl.col(column.name).cast(pl.Datetime("us")) > latest,
                f"in_the_future: {column.name}",
            )
    for reason in table.row_checks:
        note(ROW_CHECKS[reason], reason)
    for column in table.columns:
        if column.references:
            parent, key = column.references
            known = shop[parent].get_column(key).implode()
            note(~pl.col(column.name).is_in(known), f"no_parent: {parent}")
    if table.name in CONVERTED and rates is not None:
        unrated = no_rate(frame, table.name, shop, rates, zone)
        if unrated.is_not_null().any():
            reasons.append(pl.select("no_rate: " + unrated).to_series().alias("reason"))

    counts = {"rows_read": frame.height}
    if reasons:
        joined = pl.select(pl.concat_str(reasons, separator="; ", ignore_nulls=True)).to_series()
        joined = pl.select(pl.when(joined != "").then(joined)).to_series()
    else:
        joined = pl.Series([None] * frame.height, dtype=pl.String)
    frame = frame.with_columns(joined.alias("__reason"))
    rejected = frame.filter(pl.col("__reason").is_not_null()).select(
        pl.concat_str(
            [pl.col(f"__given_{name}").cast(pl.String).fill_null("") for name in table.primary_key],
            separator="|",
        ).alias("row_key"),
        pl.col("__reason").alias("reason"),
    )
    names = [column.name for column in table.columns]
    valid = frame.filter(pl.col("__reason").is_null()).select(names)
    # ties by content, personal data last: the warehouse has only hashes of it (decision 8)
    others = [
        column.name
        for column in sorted(table.columns, key=lambda column: column.is_personal)
        if column.name not in table.primary_key and column.name != "loaded_at"
    ]
    keys = list(table.primary_key)
    if valid.select(keys).is_duplicated().any():
        order = ["loaded_at", *others]
        accepted = valid.sort(
            order, descending=[True] + [False] * len(others), nulls_last=True
        ).unique(keys, keep="first", maintain_order=True)
    else:
        accepted = valid
    counts["rows_superseded"] = valid.height - accepted.height
    counts["rows_rejected"] = rejected.height
    counts["rows_accepted"] = accepted.height
    return accepted, rejected, counts


def number_copies(rejected: pl.DataFrame) -> pl.DataFrame:
    """Rejected copies with equal key and reason get `#2`, `#3`, ... (decision 8)."""
    nth = pl.int_range(pl.len()).over("table_name", "row_key", "reason") + 1
    return rejected.with_columns(
        pl.when(nth > 1)
        .then(pl.col("row_key") + "#" + nth.cast(pl.String))
        .otherwise(pl.col("row_key"))
        .alias("row_key")
    )


def read_shop(
    raw_dir: Path,
    project_dir: Path,
    missing_tables: tuple[str, ...],
    reporting_currency: str,
    zone: str,
) -> RawShop:
    """Every table of the contract, checked in the order of its references."""
    contract = read_contract(project_dir)
    unknown = set(missing_tables) - set(contract)
    required = {name for name in missing_tables if name in contract and contract[name].required}
    if unknown or required:
        raise ValueError(f"missing_tables names {sorted(unknown | required)}: not optional tables")
    shop: dict[str, pl.DataFrame] = {}
    accounting, rejections = [], []
    rates = None
    waiting = ["fx_rates", *(name for name in contract if name != "fx_rates")]
    while waiting:
        name = next(name for name in waiting if contract[name].parents <= set(shop))
        waiting.remove(name)
        table = contract[name]
        if name in missing_tables:
            schema = {column.name: EMPTY_DTYPES[column.type] for column in table.columns}
            shop[name] = pl.DataFrame(schema=schema)
            counts = dict.fromkeys(
                ("rows_read", "rows_superseded", "rows_rejected", "rows_accepted"), 0
            )
        else:
            raw = read_file(raw_dir, table)
            shop[name], rejected, counts = check_table(raw, table, shop, rates, zone)
            rejections.append(rejected.select(pl.lit(name).alias("table_name"), pl.all()))
        # a recomputation reads everything
        accounting.append({"table_name": name, **counts, "rows_late": 0})
        if name == "fx_rates":
            rates = Rates(shop[name], reporting_currency)
    position = {name: index for index, name in enumerate(contract)}
    accounting.sort(key=lambda row: position[row["table_name"]])
    empty = pl.DataFrame(schema=dict.fromkeys(("table_name", "row_key", "reason"), pl.String))
    return RawShop(
        tables=shop,
        accounting=pl.DataFrame(accounting),
        rejected=number_copies(pl.concat([empty, *rejections])),
        rates=rates,
    )
