"""Personal data stays in the raw files: planted addresses and postal codes are in no table, file or
page; and no secret is in the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from harness import contract
from harness.compiled import ROOT
from tests.python.conftest import Shop

ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@pytest.fixture(scope="module")
def planted(demo: Shop) -> set[str]:
    """Every e-mail address and postal code of the demo shop's raw files."""
    found = set()
    with duckdb.connect() as connection:
        for name, table in contract.tables().items():
            for column in (c["name"] for c in table["columns"] if c.get("pii")):
                rows = connection.execute(
                    f"select distinct {column} from '{demo.raw_dir / name}.parquet'"
                    f" where {column} is not null"
                ).fetchall()
                found |= {value for (value,) in rows}
    assert len(found) > 1000
    return found


def leaks(file: Path, planted: set[str]) -> Iterator[str]:
    """The columns of a warehouse that hold personal data in clear."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(
            "create temp table planted as select unnest(?) as clear", [list(planted)]
        )
        for schema, table, columns in connection.execute(
            "select schema_name, table_name, list(column_name order by column_index)"
            " from duckdb_columns() where not internal and data_type = 'VARCHAR'"
            " and table_name <> 'planted' and schema_name <> 'raw' group by all order by all"
        ).fetchall():
            # all columns at once: a view is computed anew for each query
            counts = ", ".join(
                f'count(*) filter ("{column}" in (from planted) or "{column}" like \'%@example.%\')'
                for column in columns
            )
            [found] = connection.execute(f'select {counts} from {schema}."{table}"').fetchall()
            for column, rows in zip(columns, found, strict=True):
                if rows:
                    yield f"{table}.{column}: {rows}"


def files_with_addresses(folders: list[Path], planted: set[str]) -> Iterator[str]:
    """The files that hold an address in clear, byte by byte. (Postal codes are numbers as others
    are; compressed columns are looked at by `leaks`.)"""
    addresses = {value.lower().encode() for value in planted if "@" in value}
    # by their domains: a search for any address takes minutes over a warehouse
    domains = {b"@" + re.escape(address.split(b"@")[1]) for address in addresses}
    domain = re.compile(b"|".join(sorted(domains)), re.IGNORECASE)
    for folder in folders:
        for path in folder.rglob("*") if folder.is_dir() else [folder]:
            if path.is_file():
                content = path.read_bytes()
                around = (
                    content[max(0, match.start() - 80) : match.end() + 1].lower()
                    for match in domain.finditer(content)
                )
                if any(addresses.intersection(ADDRESS.findall(text)) for text in around):
                    yield str(path)


def test_no_personal_data_in_any_table(demo: Shop, published_demo: Path, planted: set[str]) -> None:
    assert list(leaks(demo.target / "shop.duckdb", planted)) == []
    # the parquet files beside it hold the same rows (test_publish.py)
    assert list(leaks(published_demo / "shop.duckdb", planted)) == []


def test_no_personal_data_in_any_file(demo: Shop, published_demo: Path, planted: set[str]) -> None:
    """What is published, what dbt leaves behind, the warehouse, the pages."""
    assert (demo.target / "logs" / "dbt.log").exists()
    folders = [published_demo, demo.target, ROOT / "docs", *ROOT.glob("*.md")]
    assert list(files_with_addresses(folders, planted)) == []


def test_planted_personal_data_is_found(tmp_path: Path) -> None:
    """In a table, and in a log."""
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(
            "create table people as select 'Jane@Example.com' as name, '75001' as code"
        )
    (tmp_path / "dbt.log").write_text("null value of jane@example.com, row 3")
    planted = {"Jane@Example.com", "75001"}
    assert list(leaks(tmp_path / "shop.duckdb", planted)) == ["people.name: 1", "people.code: 1"]
    assert str(tmp_path / "dbt.log") in list(files_with_addresses([tmp_path], planted))


def test_secrets_come_from_the_environment_only() -> None:
    """No var and no line of a profile is a secret, or has a default that would be one."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    profiles = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    secret = re.compile("password|secret|token|salt|credential|private|_key", re.IGNORECASE)
    assert not [name for name in project["vars"] if secret.search(name)]
    for profile in profiles.values():
        for output in profile["outputs"].values():
            for name, value in output.items():
                if secret.search(name):
                    assert re.fullmatch(r"\{\{ env_var\('\w+'(, '')?\) \}\}", str(value)), name
    defaults = [
        default
        for path in [*ROOT.glob("macros/**/*.sql"), *ROOT.glob("models/**/*.sql")]
        for default in re.findall(r"env_var\('PII_SALT'(?:, '([^']*)')?\)", path.read_text())
    ]
    assert defaults and not any(defaults)
