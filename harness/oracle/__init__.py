"""Every KPI computed a second time, in plain Python from the raw files.

The SQL of the project is not read: only the input contract and the seeds are. Where the two agree
on every period and segment, an error would have to have been made twice.

    python -m harness.oracle --raw-dir data/demo --warehouse warehouse/ecommerce_kpis.duckdb
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from . import (
    cart,
    content,
    conversion,
    customers,
    fulfilment,
    inventory,
    leads,
    marketing,
    sales,
    satisfaction,
    support,
)
from .catalogue import KPIS
from .comparison import compare, compare_rows, sentences
from .raw import read_shop
from .rollup import finish
from .shop import Shop

__all__ = ["IMPLEMENTED", "Result", "compare", "compute", "main"]

DOMAINS = (
    sales, conversion, cart, customers, marketing, satisfaction, fulfilment, inventory, leads,
    content, support,
)  # fmt: skip
IMPLEMENTED: tuple[str, ...] = tuple(kpi for domain in DOMAINS for kpi in domain.IMPLEMENTED)
PROJECT_DIR = Path(__file__).resolve().parents[2]


@dataclass
class Result:
    """What the oracle says about a shop.

    kpi_values: one row per kpi, period_grain, period_start, segment_type, segment_value.
    accounting: rows read, superseded, rejected and accepted, one row per raw table.
    rejected: table_name, row_key, reason, one row per rejected raw row.
    """

    kpi_values: pl.DataFrame
    accounting: pl.DataFrame
    rejected: pl.DataFrame
    as_of: date
    shop: Shop


def compute(
    raw_dir: str | Path,
    *,
    missing_tables: Iterable[str] = (),
    reporting_currency: str = "EUR",
    reporting_timezone: str = "UTC",
    as_of: date | None = None,
    variables: Mapping[str, float] | None = None,
    project_dir: str | Path = PROJECT_DIR,
    kpis: Iterable[str] | None = None,
) -> Result:
    """Every implemented KPI (or those named) of the shop in `raw_dir`."""
    missing, project = tuple(missing_tables), Path(project_dir)
    raw = read_shop(Path(raw_dir), project, missing, reporting_currency, reporting_timezone)
    shop = Shop(
        raw=raw,
        project_dir=project,
        zone=reporting_timezone,
        missing_tables=missing,
        stated_as_of=as_of,
        variables=dict(variables or {}),
    )
    wanted = set(IMPLEMENTED if kpis is None else kpis)
    unknown = wanted - set(IMPLEMENTED)
    if unknown:
        raise ValueError(f"not implemented: {', '.join(sorted(unknown))}")
    wanted = {kpi for kpi in wanted if not set(KPIS[kpi].needs) & set(missing)}
    parts = []
    for domain in DOMAINS:
        if wanted & set(domain.IMPLEMENTED):
            parts.extend(
                rows.filter(pl.col("kpi").is_in(list(wanted))) for rows in domain.compute(shop)
            )
    return Result(finish(parts, shop.as_of), raw.accounting, raw.rejected, shop.as_of, shop)


def read_warehouse(path: str | Path, table: str = "kpi_values") -> pl.DataFrame:
    """The published table of a DuckDB warehouse, whichever schema it is in."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        schemas = connection.execute(
            "select table_schema from information_schema.tables where table_name = ?", [table]
        ).fetchall()
        if not schemas:
            raise LookupError(f"no table {table} in {path}")
        rows = connection.sql(f'select * from "{schemas[0][0]}"."{table}"').to_arrow_table()
        return pl.DataFrame(pl.from_arrow(rows))


def main(argv: Sequence[str] | None = None) -> int:
    """Compute; with a warehouse compare and return 1 on any difference."""
    parser = argparse.ArgumentParser(prog="oracle", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--raw-dir", required=True, help="folder of the raw files")
    parser.add_argument("--missing", default="", help="optional tables the shop lacks, by comma")
    parser.add_argument("--currency", default="EUR", help="reporting currency")
    parser.add_argument("--timezone", default="UTC", help="reporting time zone")
    parser.add_argument("--as-of", type=date.fromisoformat, help="by default from the data")
    parser.add_argument("--warehouse", help="DuckDB file whose kpi_values are compared")
    parser.add_argument("--kpis", help="only these, by comma")
    parser.add_argument("--show", type=int, default=5, help="differences shown per KPI")
    arguments = parser.parse_args(argv)

    def listed(text: str | None) -> list[str]:
        return [name.strip() for name in (text or "").split(",") if name.strip()]

    kpis = listed(arguments.kpis) or None
    result = compute(
        arguments.raw_dir,
        missing_tables=listed(arguments.missing),
        reporting_currency=arguments.currency,
        reporting_timezone=arguments.timezone,
        as_of=arguments.as_of,
        kpis=kpis,
    )
    print(
        f"oracle: {result.kpi_values['kpi'].n_unique()} KPIs, {result.kpi_values.height} rows, "
        f"as of {result.as_of}, {result.rejected.height} raw rows rejected"
    )
    if not arguments.warehouse:
        return 0
    actual = read_warehouse(arguments.warehouse)
    differences = compare(result.kpi_values, actual, kpis or IMPLEMENTED)
    agreed = sorted(set(result.kpi_values["kpi"]) - set(differences["kpi"]))
    print(f"agree: {', '.join(agreed) or 'none'}")
    lines = sentences(differences, arguments.show)
    if kpis is None:
        lines += compare_row_books(result, arguments.warehouse, arguments.show)
    print("\n".join(lines or ["no difference"]))
    return 1 if lines else 0


def compare_row_books(result: Result, warehouse: str | Path, show: int = 5) -> list[str]:
    """Sentences on raw rows: whether the same ones were accepted, superseded and rejected."""
    counts = ["rows_read", "rows_superseded", "rows_rejected", "rows_accepted", "rows_late"]
    books = (
        ("raw_row_accounting", result.accounting, ["table_name"], counts),
        ("rejected_rows", result.rejected, ["table_name", "row_key", "reason"], []),
    )
    lines = []
    for table, expected, keys, values in books:
        found = compare_rows(expected, read_warehouse(warehouse, table), keys, values)
        if found:
            lines.append(f"{table}: {len(found)} difference(s)")
            lines.extend(f"  {line}" for line in found[:show])
    return lines
