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
# the floors that are not for readers
PRIVATE = r"(base|stg|int)_.*"


def comments(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> list[tuple[str, str]]:
    """What the warehouse says of these tables and views and of their columns, as (what, text)."""
    return connection.execute(
        """
        select 'table published.main."' || name || '"', comment
        from (
            select database_name, schema_name, table_name as name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name as name, comment from duckdb_views()
        )
        where database_name = 'warehouse' and schema_name = 'main' and name in $tables
            and comment is not null
        union all
        select 'column published.main."' || table_name || '"."' || column_name || '"', comment
        from duckdb_columns()
        where database_name = 'warehouse' and schema_name = 'main' and table_name in $tables
            and comment is not null
        """,
        {"tables": tables},
    ).fetchall()


def publish(warehouse: Path, published: Path) -> int:
    """Copies the public tables and their comments; returns how many tables were published."""
    published.parent.mkdir(parents=True, exist_ok=True)
    draft = published.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{draft}' as published (storage_version '{STORAGE_VERSION}')")
        found = connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'warehouse'"
            " and table_schema = 'main' and not regexp_full_match(table_name, ?)"
            # the views of single KPIs: kpi_values has them all
            " and table_name not in (select concat('kpi_', kpi) from warehouse.main.kpi_catalogue)"
            " order by table_name",
            [PRIVATE],
        ).fetchall()
        tables = [table for (table,) in found]
        for table in tables:
            connection.execute(
                f'create table published.main."{table}" as from warehouse.main."{table}"'
            )
        # one transaction: a comment by itself costs as much as a small table
        connection.execute("begin")
        for what, text in comments(connection, tables):
            # quoted in dollars, as a text may hold quotes
            connection.execute(f"comment on {what} is $text${text}$text$")
        connection.execute("commit")
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
