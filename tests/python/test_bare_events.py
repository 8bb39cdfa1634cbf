"""Bare events give the same shop as the session table of the same events.

The sessions are made here a second time, by walking through each visitor's events.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from harness.compiled import Built, CompiledProject, dbt

pytestmark = pytest.mark.slow

OF_VISITOR = [
    "visitor_id", "customer_id", "device_type", "country_code", "referrer_host", "utm_source",
    "utm_medium", "utm_campaign", "utm_content", "utm_term", "is_bot",
]  # fmt: skip
SOURCE = OF_VISITOR[4:10]


def bare_events(built: Built) -> pl.DataFrame:
    """The shop's accepted events as a shop without sessions has them: each says whose it is.

    The source is known of the first event of a session only, the customer of the last one.
    """
    columns = ", ".join(f"sessions.{name}" for name in OF_VISITOR)
    events = built.connection.sql(f"""
        select
            events.* exclude (session_id, reporting_rate, rejection_reason, row_status, row_key, raw_row),
            {columns},
            row_number() over (session_so_far) as number,
            row_number() over (
                partition by events.session_id order by events.event_at desc, events.event_id desc
            ) as number_from_the_end
        from base_session_events as events
        inner join base_sessions as sessions on events.session_id = sessions.session_id
        where events.row_status = 'accepted' and sessions.row_status = 'accepted'
        window session_so_far as (
            partition by events.session_id order by events.event_at, events.event_id
        )
    """).pl()  # noqa: E501
    first, last = pl.col("number") == 1, pl.col("number_from_the_end") == 1
    return events.with_columns(
        *(pl.when(first).then(pl.col(name)).alias(name) for name in SOURCE),
        pl.when(last).then("customer_id").alias("customer_id"),
    ).drop("number", "number_from_the_end")


def walk(events: pl.DataFrame, by_campaign: bool) -> tuple[dict[str, str], list[dict]]:
    """The session of each event, and the sessions: 30 minutes away, or a new campaign."""
    session_of, sessions = {}, []
    for (visitor,), part in events.sort("visitor_id", "event_at", "event_id").group_by(
        "visitor_id", maintain_order=True
    ):
        current, campaign = None, None
        for event in part.iter_rows(named=True):
            tags = tuple(event[name] for name in ("utm_source", "utm_medium", "utm_campaign"))
            seen = tags if any(tags) else None
            away = current is None or event["event_at"] - current["ended_at"] > timedelta(
                minutes=30
            )
            if away or (by_campaign and seen and seen != campaign):
                current = dict.fromkeys(OF_VISITOR) | {
                    "session_id": event["event_id"], "visitor_id": visitor,
                    "started_at": event["event_at"], "landing_page": None, "is_bot": False,
                }  # fmt: skip
                sessions.append(current)
            campaign = seen or campaign
            current["ended_at"] = event["event_at"]
            current["loaded_at"] = max(current.get("loaded_at", event["loaded_at"]),
                                       event["loaded_at"])  # fmt: skip
            current["is_bot"] |= bool(event["is_bot"])
            current["customer_id"] = event["customer_id"] or current["customer_id"]
            for name in ("device_type", "country_code"):
                current[name] = current[name] or event[name]
            current["landing_page"] = current["landing_page"] or event["page_path"]
            if not any(current[name] for name in SOURCE):
                current |= {name: event[name] for name in SOURCE}
            session_of[event["event_id"]] = current["session_id"]
    return session_of, sessions


def write(folder: Path, **tables: pl.DataFrame) -> None:
    with duckdb.connect() as connection:
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"copy (from frame) to '{folder / name}.parquet' (format parquet)")
            connection.unregister("frame")


@pytest.fixture(scope="module")
def shops(
    compiled: CompiledProject, small_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, int]:
    """Two folders: bare events without sessions, and the same events with their sessions."""
    events = bare_events(compiled.build(small_shop))
    session_of, rows = walk(events, by_campaign=True)
    sessions = pl.DataFrame(rows, infer_schema_length=None)
    folders = [tmp_path_factory.mktemp(name) / "shop" for name in ("bare", "table")]
    for folder in folders:
        shutil.copytree(small_shop, folder)
    with duckdb.connect() as connection:
        orders = connection.sql(f"from '{small_shop / 'orders.parquet'}'").pl()
        leads = connection.sql(f"from '{small_shop / 'leads.parquet'}'").pl()
    lone = [pl.lit(None, pl.String).alias("session_id")]
    write(
        folders[0], session_events=events, sessions=sessions.head(0),
        orders=orders.with_columns(lone), leads=leads.with_columns(lone),
    )  # fmt: skip
    named = events.with_columns(
        pl.col("event_id").replace_strict(session_of, return_dtype=pl.String).alias("session_id")
    )
    placed = (
        named.filter((pl.col("event_name") == "purchase") & pl.col("order_id").is_not_null())
        .sort("event_at", "event_id")
        .unique("order_id", keep="first", maintain_order=True)
    )
    of_order = dict(placed.select("order_id", "session_id").iter_rows())
    spans: dict[str, list[dict]] = {}
    for session in rows:
        spans.setdefault(session["visitor_id"], []).append(session)

    def of_lead(row: dict) -> str | None:
        try:
            created = pl.Series([row["created_at"]]).str.to_datetime()[0]
        except pl.exceptions.PolarsError:
            return None
        inside = [
            session for session in spans.get(row["visitor_id"], [])
            if created and session["started_at"] <= created <= session["ended_at"]
        ]  # fmt: skip
        last = max(inside, key=lambda s: (s["started_at"], s["session_id"]), default=None)
        return last["session_id"] if last else None

    write(
        folders[1],
        session_events=named.drop(OF_VISITOR),
        sessions=sessions,
        orders=orders.with_columns(
            pl.col("order_id")
            .replace_strict(of_order, default=None, return_dtype=pl.String)
            .alias("session_id")
        ),
        leads=leads.with_columns(
            pl.Series("session_id", [of_lead(r) for r in leads.iter_rows(named=True)], pl.String)
        ),
    )
    return folders[0], folders[1], len(rows)


def test_bare_events_give_the_same_shop_as_their_sessions(
    shops: tuple[Path, Path, int], compiled: CompiledProject, tmp_path: Path
) -> None:
    bare, table, sessions = shops
    of_events = CompiledProject(tmp_path, {"sessions_from_events": True}).build(bare)
    of_table = compiled.build(table)
    assert of_events.failures == []
    assert of_events.rows("select count(*) from stg_sessions") == [(sessions,)]
    for relation in ("stg_sessions", "fct_sessions", "kpi_values", "conversion_funnel",
                     "cart_abandonment_causes", "experiment_results"):  # fmt: skip
        [one, other] = [built.connection.sql(f"from {relation}").pl() for built in
                        (of_events, of_table)]  # fmt: skip
        keys = [name for name in one.columns if one[name].dtype in (pl.String, pl.Date)]
        assert one.sort(keys).equals(other.select(one.columns).sort(keys)), relation
    linked = "select count(*) from fct_orders where visitor_id is not null"
    assert of_events.rows(linked)[0][0] > 100
    assert of_events.rows("select count(*) from fct_leads where device_type is not null")[0][0] > 5


def test_a_shop_without_events_cannot_build_sessions_of_them(
    small_shop: Path, tmp_path: Path
) -> None:
    given = {"raw_dir": str(small_shop), "sessions_from_events": True,
             "missing_tables": ["session_events"]}  # fmt: skip
    run = dbt("run", "--select", "stg_pages", target=tmp_path, variables=given)
    assert run.returncode != 0 and "sessions cannot be built without events" in run.stdout
