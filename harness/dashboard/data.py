"""The data sets of the page: queries.sql run over the published marts, packed."""

from __future__ import annotations

import base64
import gzip
import json
import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

QUERIES = Path(__file__).with_name("queries.sql")

Row = dict[str, object]


def queries() -> dict[str, str]:
    """Each data set's SQL by its name, in the order of the file."""
    blocks = QUERIES.read_text(encoding="utf-8").split("\n\n-- ")[1:]
    return {name: sql for name, _, sql in (block.partition("\n") for block in blocks)}


def plain(value: object) -> object:
    """As JSON has it: six significant digits, whole numbers as such."""
    if isinstance(value, float | Decimal):
        number = float(f"{float(value):.6g}")
        if not math.isfinite(number):
            return None
        return int(number) if number.is_integer() else number
    return str(value) if isinstance(value, date) else value


def read(published: Path, parameters: dict[str, list[str]]) -> dict[str, list[Row]]:
    """The rows of every data set; none where a mart is missing."""
    found: dict[str, list[Row]] = {}
    with duckdb.connect(":memory:") as connection:
        # as_of and the days are dates; nothing here depends on the machine's time zone
        connection.execute("set TimeZone = 'UTC'; set threads = 2")
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("use published")
        for name, sql in queries().items():
            used = {key: value for key, value in parameters.items() if f"${key}" in sql}
            try:
                result = connection.execute(sql, used)
            except duckdb.CatalogException:
                # a mart, or the periods and segments that came from one, is not there
                found[name] = []
                continue
            columns = [column[0] for column in result.description]
            found[name] = [
                {column: plain(value) for column, value in zip(columns, row, strict=True)}
                for row in result.fetchall()
            ]
    return found


def packed(sets: dict[str, list[Row]]) -> str:
    """All data sets by column, as base64 of gzip of JSON: a sixth of the size as it stands."""
    tables = {
        name: {column: [row[column] for row in rows] for column in (rows[0] if rows else ())}
        for name, rows in sets.items()
    }
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split(),
}


def written(grain: str, day: date) -> list[str]:
    """A period as English and French write it."""
    texts = []
    for language, week, quarter in (("en", "w/c", "Q"), ("fr", "sem. du", "T")):
        month = MONTHS[language][day.month - 1]
        texts.append(
            {
                "day": f"{day.day} {month} {day.year}",
                "week": f"{week} {day.day} {month} {day.year}",
                "month": f"{month} {day.year}",
                "quarter": f"{quarter}{(day.month + 2) // 3} {day.year}",
                "year": f"{day.year}",
            }[grain]
        )
    return texts


def dates(sets: dict[str, list[Row]]) -> dict[str, list[str]]:
    """Every period that stands in the data sets, written in both languages."""
    found = {f"day {row['as_of']}" for row in sets["facts"] if row["as_of"]}
    for rows in sets.values():
        for column in ("period", "day", "cohort"):
            if rows and column in rows[0]:
                found.update(str(row[column]) for row in rows)
    return {
        period: written(grain, date.fromisoformat(day))
        for period in sorted(found)
        for grain, day in [period.split(" ")]
    }
