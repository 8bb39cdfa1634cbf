"""What BI tools see of the published file: names, types and descriptions, by two clients.

DuckDB's own Python, and SQLAlchemy through duckdb-engine, as Superset and others use it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from harness.publish import STORAGE_VERSION, Build, copy_tables, reading
from tests.python.conftest import Shop

if TYPE_CHECKING:
    import sqlalchemy

# Tables and a view of the warehouse, of each kind that readers open.
TABLES = [
    "kpi_values", "conversion_funnel", "customer_cohorts", "customer_values",
    "channel_performance", "inventory_position", "raw_row_accounting", "fct_orders",
]  # fmt: skip
# How SQLAlchemy names the types of the contracts; texts and numbers have no class of their own.
PYTHON_TYPES = {"date": datetime.date, "boolean": bool, "timestamp": datetime.datetime}


@pytest.fixture(scope="module")
def published(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "shop.duckdb"
    manifest = json.loads((demo.target / "target" / "manifest.json").read_text(encoding="utf-8"))
    tables = Build({}, manifest["nodes"]).tables()
    assert len(tables) > 50
    with reading(demo.target / "shop.duckdb") as connection:
        copy_tables(connection, tables, path, path.parent)
    return path


@pytest.fixture(scope="module")
def contracts(demo: Shop) -> dict[str, dict]:
    """The description and the columns that the project states of each model, by name."""
    text = (demo.target / "target" / "manifest.json").read_text(encoding="utf-8")
    return {
        node["name"]: node
        for node in json.loads(text)["nodes"].values()
        if node["resource_type"] == "model"
    }


@pytest.fixture
def connection(published: Path) -> Iterator[sqlalchemy.Connection]:
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"duckdb:///{published}", connect_args={"read_only": True})
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def spelt(data_type: str) -> str:
    """As DuckDB writes it."""
    return data_type.upper().replace(" ", "")


@pytest.mark.parametrize("table", TABLES)
def test_duckdb_reads_names_types_and_descriptions(
    published: Path, contracts: dict[str, dict], table: str
) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        columns = connection.execute(
            "select column_name, data_type, comment from duckdb_columns()"
            " where schema_name = 'main' and table_name = ? order by column_index",
            [table],
        ).fetchall()
        [(comment,)] = connection.execute(
            "select comment from duckdb_tables() where table_name = ?", [table]
        ).fetchall()
        [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    stated = contracts[table]
    assert comment == stated["description"].strip()
    assert [(name, spelt(data_type), text) for name, data_type, text in columns] == [
        (column["name"], spelt(column["data_type"]), column["description"])
        for column in stated["columns"].values()
    ]
    assert rows > 0


@pytest.mark.parametrize("table", TABLES)
def test_sqlalchemy_reads_names_types_and_descriptions(
    connection: sqlalchemy.Connection, contracts: dict[str, dict], table: str
) -> None:
    import sqlalchemy

    inspector = sqlalchemy.inspect(connection)
    assert table in inspector.get_table_names()
    stated = contracts[table]
    assert inspector.get_table_comment(table) == {"text": stated["description"].strip()}
    columns = inspector.get_columns(table)
    assert [(column["name"], column["comment"]) for column in columns] == [
        (column["name"], column["description"]) for column in stated["columns"].values()
    ]
    for column in columns:
        data_type = stated["columns"][column["name"]]["data_type"].split("(")[0]
        found = column["type"].python_type
        if data_type in PYTHON_TYPES:
            assert found is PYTHON_TYPES[data_type], column
        elif data_type == "varchar":
            assert found is str, column
        else:
            assert found.__name__ in ("int", "float", "Decimal"), column


def test_sqlalchemy_asks_for_a_kpi(connection: sqlalchemy.Connection) -> None:
    """With the names that it has read, as a BI tool does."""
    import sqlalchemy

    columns = sqlalchemy.inspect(connection).get_columns("kpi_values")
    values = sqlalchemy.table("kpi_values", *(sqlalchemy.column(c["name"]) for c in columns)).c
    rows = connection.execute(
        sqlalchemy.select(values.period_start, values.value)
        .where(values.kpi == "net_sales", values.period_grain == "month")
        .where(values.segment_type == "all")
        .order_by(values.period_start)
    ).all()
    assert len(rows) >= 24
    assert all(isinstance(row.period_start, datetime.date) and row.value > 0 for row in rows)


def test_tools_with_an_older_duckdb_can_open_the_file(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        [(tags,)] = connection.execute(
            "select tags from duckdb_databases() where not internal"
        ).fetchall()
    assert tags["storage_version"].startswith(STORAGE_VERSION.rsplit(".", 1)[0]), tags
