"""Times the SQL that ships on made-up facts of a stated size, in one DuckDB process.

    python -m harness benchmark attribution    # 1,000,000 orders with 6,000,000 touches
    python -m harness benchmark forecast       # 10,000 products over two years of days
    python -m harness benchmark scale          # whole builds of growing size: harness/scale.py
    python -m harness benchmark report         # docs/performance.md from the figures of `scale`

It prints seconds for each model and the peak memory. The models are compiled by dbt first; that
is not timed. The facts are the same each time: they come from hashes, not from chance.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import duckdb

from harness.compiled import DBT, ROOT

# the facts that the timed models read, by name; {size} is orders or products
FACTS = {
    "attribution": {
        "int_order_touches": """
            select
                concat('order-', number // 6) as order_id,
                concat('session-', number) as session_id,
                timestamp '2024-06-01' + to_minutes(cast(hash(number // 6) % 500000 as bigint))
                - to_minutes(cast((5 - number % 6) * (1 + hash(number) % 7000) as bigint))
                    as touch_at,
                list_extract(
                    ['direct', 'email', 'paid_search', 'organic_search', 'paid_social', 'display',
                     'affiliate', 'referral'], cast(1 + hash(number + 7) % 8 as bigint)
                ) as channel,
                concat('campaign-', hash(number + 3) % 50) as utm_campaign
            from range({size} * 6) as numbers (number)
        """,
        "fct_orders": """
            select
                concat('order-', number) as order_id,
                concat('visitor-', number) as visitor_id,
                true as is_valid_order,
                timestamp '2024-06-01' + to_minutes(cast(hash(number) % 500000 as bigint))
                    as ordered_at,
                cast(timestamp '2024-06-01' + to_minutes(cast(hash(number) % 500000 as bigint))
                    as date) as ordered_on
            from range({size}) as numbers (number)
        """,
        "int_channel_chain": """
            select channel, 0.1 + position / 20.0 as removal_effect
            from (
                values ('direct', 1), ('email', 2), ('paid_search', 3), ('organic_search', 4),
                ('paid_social', 5), ('display', 6), ('affiliate', 7), ('referral', 8)
            ) as channels (channel, position)
        """,
    },
    "forecast": {
        "int_as_of": "select date '2025-12-31' as as_of",
        "dim_products": """
            select
                concat('product-', number) as product_id,
                concat('category-', number % 40) as category,
                cast(null as date) as launched_on,
                cast(null as date) as discontinued_on
            from range({size}) as numbers (number)
        """,
        # a third of the products sell on most days, the others seldom
        "fct_order_items": """
            select
                concat('product-', product) as product_id,
                cast(day as date) as ordered_on,
                true as is_valid_order,
                cast(1 + hash(product, day) % 3 as integer) as quantity,
                cast(1 as decimal(18, 4)) as discounts,
                cast(40 as decimal(18, 4)) as gross_sales
            from range({size}) as products (product)
            cross join generate_series(
                date '2024-01-01', date '2025-12-31', interval '1' day
            ) as days (day)
            where hash(day, product + 1) % 100 < case when product % 3 = 0 then 85 else 10 end
        """,
        "fct_inventory": """
            select
                concat('product-', product) as product_id,
                cast(day as date) as snapshot_date,
                case when hash(product, day, 5) % 50 = 0 then 0 else 9 end as on_hand
            from range({size}) as products (product)
            cross join generate_series(
                date '2024-01-01', date '2025-12-31', interval '1' day
            ) as days (day)
        """,
    },
}
TIMED = {
    "attribution": ["fct_order_touches"],
    "forecast": ["int_demand_days", "int_demand_forecasts", "demand_forecast"],
}
# parts with a module of their own, imported when asked for: the generator is not needed elsewhere
WHOLE = {"scale": "harness.scale", "report": "harness.performance"}
SIZES = {"attribution": 1_000_000, "forecast": 10_000}


def compiled(folder: Path, names: list[str]) -> dict[str, str]:
    """The SQL of some models as dbt compiles it for the database `benchmark`."""
    run = subprocess.run(
        [DBT, "--quiet", "compile", "--select", *names,
         "--target-path", folder / "target", "--log-path", folder / "logs"],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "DUCKDB_PATH": str(folder / "benchmark.duckdb")},
    )  # fmt: skip
    if run.returncode:
        sys.exit(run.stdout)
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    return {name: nodes[name]["compiled_code"] for name in names}


def measure(part: str, size: int) -> list[tuple[str, float, int]]:
    """Name, seconds and rows of each timed model, on facts of the size given."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="benchmark") as name:
        folder = Path(name)
        sql = compiled(folder, TIMED[part])
        (folder / "benchmark.duckdb").unlink(missing_ok=True)
        with duckdb.connect(str(folder / "benchmark.duckdb")) as connection:
            connection.execute(
                f"set memory_limit = '{os.environ.get('DUCKDB_MEMORY_LIMIT', '4GB')}';"
                f" set temp_directory = '{folder / 'spilled'}';"
                " set preserve_insertion_order = false; set TimeZone = 'UTC'"
            )
            for table, query in FACTS[part].items():
                connection.execute(f"create table {table} as {query.format(size=size)}")
            for model, query in sql.items():
                started = time.monotonic()
                connection.execute(f"create table {model} as {query}")
                seconds = time.monotonic() - started
                [[count]] = connection.execute(f"select count(*) from {model}").fetchall()
                rows.append((model, seconds, count))
    return rows


def main(argv: list[str]) -> int:
    if argv and argv[0] in WHOLE:
        return import_module(WHOLE[argv[0]]).main(argv[1:])
    parser = argparse.ArgumentParser(
        prog="python -m harness benchmark",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", choices=FACTS)
    parser.add_argument("--size", type=int, help="orders, or products")
    arguments = parser.parse_args(argv)
    size = arguments.size or SIZES[arguments.part]
    rows = measure(arguments.part, size)
    for model, seconds, count in rows:
        print(f"{model:25} {seconds:8.1f} s {count:12,} rows")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{'in all':25} {sum(row[1] for row in rows):8.1f} s, {peak:.1f} GiB at most")
    return 0
