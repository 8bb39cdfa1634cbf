"""Shops made of others, for tests: some tables changed, a part of one, an awkward one."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from harness import contract
from harness.compiled import ROOT, csv_reader


def changed(shop: Path, folder: Path, queries: dict[str, str]) -> Path:
    """A copy of the shop with some tables replaced by a query over `raw`, their own rows."""
    shutil.copytree(shop, folder)
    for name, query in queries.items():
        with duckdb.connect() as connection:
            connection.execute(f"create view raw as from '{shop / name}.parquet'")
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
    return folder


def part_of_the_hostile_shop(folder: Path, condition: str) -> Path:
    """The rows of the hostile shop that satisfy a condition; `t` is a row of any table."""
    folder.mkdir()
    for name in contract.tables():
        with duckdb.connect() as connection:
            source = csv_reader(ROOT / "tests" / "fixtures" / "hostile_shop" / f"{name}.csv")
            connection.execute(
                f"copy (from {source} as t where {condition}) to '{folder / name}.csv' (header)"
            )
    return folder


def awkward(small_shop: Path, folder: Path) -> Path:
    """The small shop, and what it is too small to have by chance.

    Every fifth order was sent once before, unpaid, every fifth line stands twice in its order, and
    every fifth answer to a survey has no score. At the limits of windows, every seventh order was
    placed again 7, 30, 90 and 365 days later to the second, at another price, and every ninth
    session was made again 7 and 30 days later.
    """
    earlier = (
        "select * replace ('created' as status, loaded_at - interval 3 hour as loaded_at)"
        " from raw where loaded_at is not null and hash(order_id) % 5 = 0"
    )
    equal = (
        "select * replace (concat(order_item_id, '-again') as order_item_id)"
        " from raw where order_item_id is not null and hash(order_item_id) % 5 = 0"
    )
    unanswered = "case when hash(survey_id) % 5 > 0 then score end"

    def again(days: str, which: str, keys: list[str], moments: list[str], *others: str) -> str:
        replaced = [*others, *(f"concat({key}, '-', days) as {key}" for key in keys)]
        replaced += [f"{moment} + to_days(days) as {moment}" for moment in [*moments, "loaded_at"]]
        within = [
            # the shop's last day stays what it is: rows from the future are left aside
            f" and {moment} + to_days(days)"
            f" <= (select max({moment}) from raw where {moment} <= loaded_at)"
            for moment in moments[:1]
        ]
        return (
            f"select * exclude (days) replace ({', '.join(replaced)})"
            f" from raw cross join (values {days}) as later (days)"
            f" where {which} = 0 and loaded_at is not null{''.join(within)}"
        )

    orders, sessions = "hash(order_id) % 7", "hash(session_id) % 9"
    far, near = "(7), (30), (90), (365)", "(7), (30)"
    return changed(
        small_shop,
        folder,
        {
            "orders": f"from raw union all {earlier} union all "
            + again(far, orders, ["order_id"], ["ordered_at", "paid_at", "cancelled_at"]),
            "order_items": f"from raw union all {equal} union all "
            + again(
                far, orders, ["order_item_id", "order_id"], [], "unit_price + days as unit_price"
            ),
            "sessions": "from raw union all "
            + again(near, sessions, ["session_id"], ["started_at", "ended_at"]),
            "session_events": "from raw union all "
            + again(near, sessions, ["event_id", "session_id"], ["event_at"]),
            "surveys": f"select * replace ({unanswered} as score) from raw",
        },
    )
