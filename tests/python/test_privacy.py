"""Personal data stays in the raw files: planted addresses and postal codes are in no table."""

from __future__ import annotations

import duckdb

from harness import contract
from tests.python.conftest import Shop


def test_no_personal_data_in_clear(demo: Shop) -> None:
    planted = []
    with duckdb.connect() as connection:
        for name, table in contract.tables().items():
            for column in (c["name"] for c in table["columns"] if c.get("pii")):
                planted += connection.execute(
                    f"select distinct {column} from '{demo.raw_dir / name}.parquet'"
                    f" where {column} is not null"
                ).fetchall()
    assert len(planted) > 1000
    leaks = []
    with duckdb.connect(str(demo.target / "shop.duckdb"), read_only=True) as connection:
        connection.execute("create temp table planted (clear varchar)")
        connection.executemany("insert into planted values (?)", planted)
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'main' and data_type = 'VARCHAR' and table_name <> 'planted'"
        ).fetchall():
            [(found,)] = connection.execute(
                f'select count(*) from "{table}" where "{column}" in (select clear from planted)'
                f" or \"{column}\" like '%@example.%'"
            ).fetchall()
            if found:
                leaks.append(f"{table}.{column}: {found}")
    assert leaks == []
