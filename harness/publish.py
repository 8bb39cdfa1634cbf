"""Puts the public tables of a warehouse into a file of their own for readers, by an atomic rename.

A reader of the published file never blocks a build, nor sees a half-made one. The file has a
storage version that tools with an embedded DuckDB 1.4 or later can open.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

STORAGE_VERSION = "v1.4.0"
PUBLIC = (
    r"(dim|fct|rollup)_.*|kpi_values|kpi_catalogue|raw_row_accounting|rejected_rows"
    r"|customer_cohorts|customer_values|clv_model|repurchase_intervals|seasonality"
    r"|product_affinity|basket_impact"
)


def publish(warehouse: Path, published: Path) -> int:
    """Copies the public tables and their comments; returns how many tables were published."""
    published.parent.mkdir(parents=True, exist_ok=True)
    draft = published.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{draft}' as published (storage_version '{STORAGE_VERSION}')")
        tables = connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'warehouse'"
            " and table_schema = 'main' and regexp_full_match(table_name, ?) order by table_name",
            [PUBLIC],
        ).fetchall()
        for (table,) in tables:
            connection.execute(
                f'create table published.main."{table}" as from warehouse.main."{table}"'
            )
        connection.execute("detach published")
    os.replace(draft, published)
    return len(tables)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness publish", description=__doc__)
    default = os.environ.get("DUCKDB_PATH", "warehouse/ecommerce_kpis.duckdb")
    parser.add_argument("--warehouse", type=Path, default=Path(default))
    parser.add_argument("--to", type=Path, default=Path("published/ecommerce_kpis.duckdb"))
    arguments = parser.parse_args(argv)
    if not arguments.warehouse.exists():
        print(f"there is no warehouse {arguments.warehouse}; run dbt build first", file=sys.stderr)
        return 1
    print(f"published {publish(arguments.warehouse, arguments.to)} tables to {arguments.to}")
    return 0
