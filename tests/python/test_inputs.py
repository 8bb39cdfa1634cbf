"""What a user is told of a table, a column or a value that cannot be used; and shops that can."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml

from harness import contract
from harness.compiled import ROOT, CompiledProject, csv_reader, dbt
from tests.python.forked_builds import Builds, ReadProject


@pytest.fixture
def shop_copy(small_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_shop, tmp_path / "shop"))


def rewrite(shop: Path, table: str, query: str) -> None:
    """Puts the rows of `query` (over `raw`) in place of the table's file."""
    path = shop / f"{table}.parquet"
    draft = shop / "draft.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create view raw as from '{path}'")
        connection.execute(f"copy ({query}) to '{draft}' (format parquet)")
    draft.replace(path)


@pytest.fixture
def sentences(read_project: ReadProject, tmp_path: Path) -> Callable[..., list[str]]:
    """Starts a run and returns the sentences that stop it."""

    def start(shop: Path, **variables: object) -> list[str]:
        builds = Builds(read_project, tmp_path, {"raw_dir": str(shop), **variables})
        code = builds.run("run", "--select", "stg_pages")
        lines = [line.strip() for line in builds.said().splitlines() if "Input: " in line]
        said = list(dict.fromkeys(lines))  # once as dbt says them, once in its exception
        assert (code != 0) == bool(said), builds.said()
        return [line.removeprefix("Input: ") for line in said]

    return start


def test_tables_that_are_not_there_or_twice_are_named(shop_copy: Path, sentences: Callable) -> None:
    (shop_copy / "orders.parquet").unlink()
    (shop_copy / "refunds.parquet").unlink()
    (shop_copy / "leads.csv").write_text("lead_id\n")
    orders, refunds, leads = sentences(shop_copy)
    assert orders.startswith("the required table `orders` is not in")
    assert refunds.startswith("the table `refunds` is neither in")
    assert "missing_tables" in refunds
    assert leads.startswith("there are both leads.parquet and leads.csv")


def test_a_missing_column_and_one_of_another_type_are_named(
    shop_copy: Path, sentences: Callable
) -> None:
    rewrite(shop_copy, "orders", "select * exclude (ordered_at) from raw")
    rewrite(shop_copy, "products", "select * exclude (brand) from raw")
    rewrite(shop_copy, "sessions", "select * replace (is_bot is true as started_at) from raw")
    rewrite(shop_copy, "pages", "select * replace (null as published_on) from raw")
    rewrite(shop_copy, "tickets", "select * replace (epoch_ms(opened_at) as opened_at) from raw")
    assert sentences(shop_copy) == [
        "the table `products` has no column `brand` (varchar); add it, null where it is not known.",
        "the table `orders` has no column `ordered_at` (timestamp); add it, filled in every row.",
        "the column `sessions.started_at` is BOOLEAN, which cannot be read as timestamp;"
        " convert it, or give it as text.",
        "the column `tickets.opened_at` is BIGINT, which cannot be read as timestamp;"
        " convert it: what the number counts is not said.",
    ]


def test_a_csv_file_whose_columns_are_not_found_is_named_once(
    shop_copy: Path, sentences: Callable
) -> None:
    for table, text in (
        ("pages", "page_path,page_type\n/a,home\n/b,home,B\n/c,home\n"),
        ("leads", ""),
    ):
        (shop_copy / f"{table}.parquet").unlink()
        (shop_copy / f"{table}.csv").write_text(text)
    leads, pages = sentences(shop_copy)
    assert pages.startswith(
        "the table `pages` has none of its columns; there is page_path,page_type"
    )
    assert leads.startswith("the table `leads` has none of its columns; there is ")


def test_columns_are_read_as_they_are_meant(
    shop_copy: Path, small_shop: Path, read_project: ReadProject, tmp_path: Path
) -> None:
    """A whole number with gaps leaves pandas as 123.0; a date may come as a moment, at midnight
    there or in UTC; names may be in capitals; what is declared missing may be there."""
    number = "try_cast(regexp_extract(customer_id, '[0-9]+') as {})"
    for table, type_ in (
        ("customers", "bigint"),
        ("orders", "double"),
        ("sessions", "decimal(12, 2)"),
    ):
        query = f"select * replace ({number.format(type_)} as customer_id) from raw"
        rewrite(shop_copy, table, query)
    there = "timezone('Europe/Paris', cast(spend_date as timestamp)) as spend_date"
    rewrite(shop_copy, "ad_spend", f"select * replace ({there}) from raw")
    utc = "timezone('UTC', cast(snapshot_date as timestamp)) as snapshot_date"
    rewrite(shop_copy, "inventory_snapshots", f"select * replace ({utc}) from raw")
    rewrite(shop_copy, "pages", "select page_path as PAGE_PATH, * exclude (page_path) from raw")
    variables = {
        "raw_dir": str(shop_copy), "reporting_timezone": "Europe/Paris",
        "missing_tables": ["messages"],
    }  # fmt: skip
    builds = Builds(read_project, tmp_path, variables)
    tables = ("customers", "orders", "sessions", "ad_spend", "inventory_snapshots", "pages")
    assert builds.run("run", "--select", *(f"+stg_{table}" for table in tables)) == 0, builds.said()
    assert "`messages` is in" in builds.said() and "is not read" in builds.said()

    with duckdb.connect(str(builds.warehouse), read_only=True) as connection:

        def values(column: str, rows: str) -> set:
            query = f"select distinct {column} from {rows} where {column} is not null"
            return {value for (value,) in connection.execute(query).fetchall()}

        customers = values("customer_id", "stg_orders")
        assert customers and all(customer.isdigit() for customer in customers)
        assert customers & values("customer_id", "stg_customers")
        assert customers & values("customer_id", "stg_sessions")
        for table, day in (("ad_spend", "spend_date"), ("inventory_snapshots", "snapshot_date")):
            given = values(day, f"'{small_shop}/{table}.parquet'")
            assert values(day, f"stg_{table}") <= given
        assert values("page_path", "stg_pages")


def test_what_was_rejected_is_said_at_the_end(
    small_shop: Path, read_project: ReadProject, tmp_path: Path
) -> None:
    """No rate leads to yen: every order is rejected, and its lines with it."""
    variables = {"raw_dir": str(small_shop), "reporting_currency": "JPY"}
    builds = Builds(read_project, tmp_path, variables)
    assert builds.run("run", "--select", "+raw_row_accounting", "+rejected_rows") == 0
    with duckdb.connect(str(builds.warehouse), read_only=True) as connection:
        [[orders, rejected]] = connection.execute(
            "select rows_read, rows_rejected from raw_row_accounting where table_name = 'orders'"
        ).fetchall()
        [[every]] = connection.execute("select count(*) from rejected_rows").fetchall()
    assert f"Input: {rejected} of {orders} row(s) of `orders` were rejected, " in builds.said()
    assert "of them for `no_rate: EUR`." in builds.said()
    assert f"Input: {every} row(s) were rejected in all" in builds.said()
    builds.run("run", "--select", "stg_pages")
    assert "were rejected" not in builds.said()


def test_ids_that_a_float_cannot_tell_apart_are_named(shop_copy: Path, sentences: Callable) -> None:
    query = "select * replace (12345678901234567::double as customer_id) from raw"
    rewrite(shop_copy, "orders", query)
    assert sentences(shop_copy) == [
        "the column `orders.customer_id` is DOUBLE and holds numbers of more digits than that can"
        " tell apart; give it as text or as a whole number."
    ]


def test_values_of_variables_are_checked(small_shop: Path, sentences: Callable) -> None:
    said = sentences(
        small_shop,
        reporting_currency="euro",
        reporting_timezone="Mars/Olympus",
        as_of="2025-02-29",
        attribution_window_days=0,
        cart_recovery_days="7",
        missing_tables=["orders", "returns"],
        reporting_curency="GBP",
    )
    for start in (
        "there is no var `reporting_curency`",
        "the var `reporting_currency` is `euro`; give an ISO 4217 code",
        "the var `reporting_timezone` is `Mars/Olympus`; give an IANA time zone",
        "the var `as_of` is `2025-02-29`; give a day",
        "the var `attribution_window_days` is `0`; give a whole number",
        "the var `cart_recovery_days` is `7`; give a whole number",
        "`missing_tables` names `returns`, which is no table of the contract",
        "`missing_tables` names `orders`, which no shop can do without",
    ):
        assert [sentence for sentence in said if sentence.startswith(start)], start
    assert len(said) == 8
    assert sentences(small_shop, missing_tables="refunds")[0].startswith(
        "the var `missing_tables` is `refunds`; give a list"
    )


def test_variables_that_models_are_read_by_are_checked_too(tmp_path: Path) -> None:
    wrong = {"missing_tables": None, "sessions_from_events": "yes", "raw_dir": 5}
    said = dbt("run", "--select", "stg_pages", target=tmp_path, variables=wrong).stdout
    for name, value in wrong.items():
        assert f"Input: the var `{name}` is `{value}`; give " in said, said


def test_csv_files_are_read_as_the_same_rows(
    small_shop: Path, compiled: CompiledProject, read_project: ReadProject, tmp_path: Path
) -> None:
    """Every table as text, blanks for nulls, timestamps as written by a spreadsheet."""
    (tmp_path / "csv").mkdir()
    with duckdb.connect() as connection:
        for name in contract.tables():
            source, copy = small_shop / f"{name}.parquet", tmp_path / "csv" / f"{name}.csv"
            connection.execute(f"copy (from '{source}') to '{copy}' (header)")
    builds = Builds(read_project, tmp_path)
    read = {"raw_row_accounting", *(f"stg_{table}" for table in contract.tables())}
    only = ["--select", *(f"+{table}" for table in read)]
    without_tests = ["--exclude-resource-types", "test", "unit_test"]
    code = builds.run("build", *only, *without_tests, shop=tmp_path / "csv")
    assert code == 0, builds.said()
    from_parquet = compiled.build(small_shop, only=read).connection
    from_parquet.execute(f"attach '{builds.warehouse}' as from_csv (read_only)")
    for table in sorted(read):
        [[rows]] = from_parquet.execute(f"select count(*) from {table}").fetchall()
        assert rows or table == "stg_fx_rates", table
        for one, other in ((table, f"from_csv.{table}"), (f"from_csv.{table}", table)):
            there = f"from {one} except all from {other}"
            assert from_parquet.execute(there).fetchall() == [], table


def test_a_csv_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    """DuckDB guesses what is not said: # began a comment, and an apostrophe joined two rows."""
    for number, rows in enumerate([["P1,a", "#\x88½,b", "P3,c"], ["1,it's", "2,'x", "3,y'"]]):
        path = tmp_path / f"{number}.csv"
        path.write_text("\n".join(["product_id,sku", *rows]) + "\n", encoding="utf-8")
        read = duckdb.sql(f"from {csv_reader(path)}").fetchall()
        assert read == [tuple(row.split(",")) for row in rows]
    macro = (ROOT / "macros" / "staging" / "open_raw_tables.sql").read_text(encoding="utf-8")
    assert csv_reader(Path("x")).removeprefix("read_csv('x") in macro.replace('\\"', '"')


def test_the_lists_that_repeat_the_contract_are_equal_to_it() -> None:
    names = list(contract.tables())
    listed = (ROOT / "macros" / "staging" / "raw_tables.sql").read_text(encoding="utf-8")
    assert [word for word in listed.split("'")[1::2]] == names
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    checked = (ROOT / "macros" / "staging" / "check_settings.sql").read_text(encoding="utf-8")
    start = checked.index("set kinds = {")
    kinds = checked[start : checked.index("}", start)]
    assert kinds.split("'")[1::4] == list(project["vars"])


def test_the_contract_is_that_of_the_specification() -> None:
    specification = ROOT.parent / "shared" / "spec" / "raw_contract.yml"
    if not specification.exists():
        pytest.skip(f"the specification is not at {specification}: it is not part of the project")
    wanted = yaml.safe_load(specification.read_text(encoding="utf-8"))["tables"]
    actual = contract.tables()
    assert list(actual) == list(wanted)
    for name, table in wanted.items():
        assert actual[name]["required"] == table["required"]
        assert actual[name]["primary_key"] == table["primary_key"]
        columns = {column["name"]: column for column in actual[name]["columns"]}
        assert list(columns) == list(table["columns"])
        for column, rules in table["columns"].items():
            for rule in ("type", "accepted", "references", "pii"):
                assert columns[column].get(rule) == rules.get(rule), (name, column, rule)
            nullable = columns[column].get("nullable", "default" in columns[column])
            assert nullable == rules.get("nullable", False), (name, column)
            if "check" in rules and column != "score":
                assert columns[column]["check"] == rules["check"], (name, column)
