"""How the cost of a build grows: made-up shops of growing size, each built, continued and compared.

    python -m harness benchmark scale                 # scales 0.164 to 164: 50k to 50M events
    python -m harness benchmark scale --scales 1,10   # others
    python -m harness benchmark report                # docs/performance.md from the figures

Of each size, in this order and in one run:

- a full `dbt build`, tests and all; its results say what each node took;
- the floor: the SQL that dbt compiled for it, models and tests, in one DuckDB process;
- the minimal pass: ten headline KPIs in hand-written SQL over the raw files, by month and channel;
- the same ten KPIs in every period and by three segments, as the build has them;
- an increment: a shop that was built up to the day before, continued with one more day;
- a late one: rows that were held back, loaded within the look-back, arrive after it.

Seconds are wall-clock; memory is the peak resident set of the process; spill is the largest size
that the temporary folder had. One line of JSON for each measurement goes to --figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb

from harness import contract
from harness.build import threads
from harness.compiled import DBT, ROOT, CompiledProject
from harness.generate import main as generate

SCALES = [0.164, 1, 4, 16, 64, 164]
MEMORY_LIMIT = os.environ.get("DUCKDB_MEMORY_LIMIT", "4GB")


class Measured:
    """Wall-clock and processor seconds, peak memory and spill of a process, measured around it."""

    def __init__(self, command: list, folder: Path, **environment: str) -> None:
        spilled = folder / "spilled"
        shutil.rmtree(spilled, ignore_errors=True)
        spilled.mkdir(parents=True)
        self.spill = 0
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(0.5):
                size = 0
                for file in spilled.rglob("*"):
                    try:
                        size += file.stat().st_size
                    except FileNotFoundError:
                        continue
                self.spill = max(self.spill, size)

        watcher = threading.Thread(target=watch)
        started = time.monotonic()
        with (folder / "output.txt").open("w") as output:
            process = subprocess.Popen(
                [str(word) for word in command], cwd=ROOT, stdout=output, stderr=output,
                env={**os.environ, "DUCKDB_TEMP_DIRECTORY": str(spilled), **environment},
            )  # fmt: skip
            watcher.start()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - started
        is_over.set()
        watcher.join()
        if process.returncode:
            sys.exit(f"{(folder / 'output.txt').read_text()[-3000:]}\n{command} failed")
        self.processor_seconds = used.ru_utime + used.ru_stime
        self.peak = used.ru_maxrss * 1024

    def figures(self) -> dict[str, float]:
        return {
            "seconds": round(self.seconds, 2),
            "processor_seconds": round(self.processor_seconds, 2),
            "peak_gb": round(self.peak / 1e9, 3),
            "spill_gb": round(self.spill / 1e9, 3),
        }


def build(raw_dir: Path, folder: Path) -> Measured:
    """A `dbt build` as `make build` runs it, into `folder`/shop.duckdb."""
    return Measured(
        [DBT, "--quiet", "build",
         "--target-path", folder / "target", "--log-path", folder / "logs"],
        folder, RAW_DIR=str(raw_dir), DUCKDB_PATH=str(folder / "shop.duckdb"),
        DBT_THREADS=threads(raw_dir),
    )  # fmt: skip


def nodes_of(folder: Path) -> list[dict]:
    """What each node of the last build took, slowest first."""
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    return sorted(
        (
            {"node": result["unique_id"], "seconds": round(result["execution_time"], 3)}
            for result in results["results"]
        ),
        key=lambda node: -node["seconds"],
    )


def floor(raw_dir: Path, target: Path, warehouse: Path) -> None:
    """The compiled SQL of a build, run directly: what is left once dbt is taken away."""
    project = CompiledProject(target, {}, is_compiled=True)
    built = project.build(raw_dir, warehouse, threads=2)
    assert not built.failures, built.failures


# Ten headline KPIs as somebody without the project would write them: clean input is taken for
# granted, and every number is by month and channel of the session. {periods}: (booked_on,
# period_grain, period_start); {segments}: the values of a row's segments as pairs.
TEN_KPIS = """
with
raw_orders as (
    from read_parquet('{raw}/orders.parquet')
    qualify row_number() over (partition by order_id order by loaded_at desc) = 1
),
raw_sessions as (
    from read_parquet('{raw}/sessions.parquet')
    qualify row_number() over (partition by session_id order by loaded_at desc) = 1
),
raw_items as (
    from read_parquet('{raw}/order_items.parquet')
    qualify row_number() over (partition by order_item_id order by loaded_at desc) = 1
),
raw_events as (
    select session_id, bool_or(event_name = 'add_to_cart') as has_cart
    from (
        from read_parquet('{raw}/session_events.parquet')
        qualify row_number() over (partition by event_id order by loaded_at desc) = 1
    )
    group by session_id
),
items as (
    select order_id, sum(quantity * unit_price - coalesce(discount_amount, 0)) as net_sales,
        sum(quantity) as units
    from raw_items group by order_id
),
orders as (
    select orders.order_id, orders.customer_id, orders.session_id,
        cast(orders.ordered_at as date) as booked_on, items.net_sales, items.units,
        sessions.utm_medium as channel, sessions.device_type, orders.country_code,
        row_number() over (partition by orders.customer_id order by orders.ordered_at) as number
    from raw_orders as orders
    join items using (order_id)
    left join raw_sessions as sessions using (session_id)
    where orders.status in ('paid', 'shipped', 'delivered') and not coalesce(orders.is_test, false)
),
sessions as (
    select sessions.visitor_id, cast(sessions.started_at as date) as booked_on,
        sessions.utm_medium as channel, sessions.device_type, sessions.country_code,
        coalesce(events.has_cart, false) as has_cart, ordered.session_id is not null as has_order
    from raw_sessions as sessions
    left join raw_events as events using (session_id)
    left join (select distinct session_id from orders) as ordered using (session_id)
    where not coalesce(sessions.is_bot, false)
),
spend as (
    select spend_date as booked_on, utm_medium as channel, null as device_type, country_code, cost
    from read_parquet('{raw}/ad_spend.parquet')
),
days as (select distinct booked_on from sessions union select distinct booked_on from orders),
periods as ({periods}),
by_orders as (
    select period_grain, period_start, {segment}, sum(net_sales) as net_sales, count(*) as orders,
        sum(units) as units, count(distinct customer_id) as customers,
        count(distinct case when number > 1 then customer_id end) as returning_customers,
        count(*) filter (where number = 1) as new_customers
    from orders join periods using (booked_on) group by {sets}
),
by_sessions as (
    select period_grain, period_start, {segment}, count(*) as sessions,
        count(distinct visitor_id) as visitors,
        count(*) filter (where has_order) as sessions_with_order,
        count(*) filter (where has_cart) as carts,
        count(*) filter (where has_cart and not has_order) as carts_left
    from sessions join periods using (booked_on) group by {sets}
),
by_spend as (
    select period_grain, period_start, {segment}, sum(cost) as cost
    from spend join periods using (booked_on) group by {sets}
)
select period_grain, period_start, {names}, net_sales, orders, visitors,
    net_sales / nullif(orders, 0) as average_order_value,
    units / nullif(orders, 0) as units_per_order,
    sessions_with_order / nullif(sessions, 0) as conversion_rate,
    carts_left / nullif(carts, 0) as cart_abandonment_rate,
    returning_customers / nullif(customers, 0) as returning_customer_share,
    cost / nullif(new_customers, 0) as cac, net_sales / nullif(cost, 0) as roas
from by_orders full join by_sessions using (period_grain, period_start, {names})
full join by_spend using (period_grain, period_start, {names})
"""
GRAINS = ["day", "week", "month", "quarter", "year"]
SEGMENTS = ["channel", "device_type", "country_code"]


def ten_kpis(raw_dir: Path, folder: Path, *, all_cuts: bool) -> None:
    """Ten KPIs by month and channel; or, `all_cuts`, in all periods by `all` and three segments."""
    grains, names = (GRAINS, SEGMENTS) if all_cuts else (["month"], ["channel"])
    periods = " union all ".join(
        f"select booked_on, '{grain}' as period_grain,"
        f" cast(date_trunc('{grain}', booked_on) as date) as period_start from days"
        for grain in grains
    )
    keys = "period_grain, period_start"
    sets = ", ".join([f"({keys})", *(f"({keys}, {name})" for name in names)])
    query = TEN_KPIS.format(
        raw=raw_dir, periods=periods, names=", ".join(names), segment=", ".join(names),
        sets=f"grouping sets ({sets})" if all_cuts else f"{keys}, {names[0]}",
    )  # fmt: skip
    with duckdb.connect(str(folder / "ten.duckdb")) as connection:
        connection.execute(
            f"set memory_limit = '{MEMORY_LIMIT}'; set preserve_insertion_order = false;"
            f" set temp_directory = '{os.environ['DUCKDB_TEMP_DIRECTORY']}'; set threads = 2"
        )
        connection.execute(f"create or replace table ten_kpis as {query}")


def cut(shop: Path, raw_dir: Path, condition: str) -> None:
    """Puts the rows of a shop for which a condition holds where the build reads them."""
    raw_dir.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for table in contract.tables():
            file = shop / f"{table}.parquet"
            to = raw_dir / file.name
            to.unlink(missing_ok=True)
            connection.execute(
                f"copy (from read_parquet('{file}') as rows where {condition}) to '{to}'"
            )


def measure(scale: float, work: Path, figures: Path) -> None:
    """All measurements of one size, each a line at the end of `figures` as soon as it is made."""
    shop = work / f"shop_{scale:g}"
    if not (shop / "orders.parquet").exists():
        generate(["--scale", f"{scale:g}", "--seed", "1", "--out", str(shop)])
    with duckdb.connect() as connection:

        def number(query: str):
            return connection.sql(query.replace("{shop}", str(shop))).fetchall()[0][0]

        size = {
            "scale": scale,
            "events": number("select count(*) from '{shop}/session_events.parquet'"),
            "orders": number("select count(*) from '{shop}/orders.parquet'"),
        }
        last = number("select max(cast(loaded_at as date)) from '{shop}/orders.parquet'")

    def add(what: str, measured: Measured, **more: object) -> None:
        line = {"what": what, **size, **measured.figures(), **more}
        print(json.dumps({**line, "nodes": None}), flush=True)
        with figures.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    folder = work / "full"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    full = build(shop, folder)
    add(
        "full build",
        full,
        nodes=nodes_of(folder)[:80],
        warehouse_gb=round((folder / "shop.duckdb").stat().st_size / 1e9, 3),
    )
    (folder / "shop.duckdb").unlink()
    this = [sys.executable, "-m", "harness.scale"]
    add("floor", Measured([*this, "--floor", shop, folder], folder))
    (folder / "floor.duckdb").unlink()
    add("ten KPIs, month and channel", Measured([*this, "--ten", shop, folder], folder))
    add("ten KPIs, all periods and segments", Measured([*this, "--cuts", shop, folder], folder))

    folder = work / "increments"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    raw_dir = folder / "raw"
    loaded = "cast(rows.loaded_at as timestamp)"
    # held back: one row in fifty of those that were loaded on the two days before the last
    late = (
        f"{loaded} >= date '{last}' - interval 2 day and {loaded} < date '{last}'"
        " and hash(rows) % 50 = 0"
    )
    cut(shop, raw_dir, f"{loaded} < date '{last}' and not ({late})")
    build(raw_dir, folder)
    cut(shop, raw_dir, f"not ({late})")
    add("increment of one day", build(raw_dir, folder), nodes=nodes_of(folder)[:80])
    cut(shop, raw_dir, "true")
    add("increment of late rows", build(raw_dir, folder), nodes=nodes_of(folder)[:80])
    shutil.rmtree(folder)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m harness benchmark scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--scales", type=lambda text: [float(word) for word in text.split(",")], default=SCALES
    )
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "benchmark")
    parser.add_argument("--figures", type=Path, default=ROOT / "target" / "benchmark.jsonl")
    for part in ("--floor", "--ten", "--cuts"):
        parser.add_argument(part, nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.floor:
        raw_dir, folder = options.floor
        floor(raw_dir, folder, folder / "floor.duckdb")
    elif options.ten or options.cuts:
        raw_dir, folder = options.ten or options.cuts
        ten_kpis(raw_dir, folder, all_cuts=bool(options.cuts))
    else:
        options.figures.parent.mkdir(parents=True, exist_ok=True)
        for scale in options.scales:
            measure(scale, options.work, options.figures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
