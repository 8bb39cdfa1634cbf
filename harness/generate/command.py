"""The command line of the generator."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from harness.generate import account, build, catalogue, dirt, rows, spend, stock, timeline
from harness.generate.contract import TABLES
from harness.generate.frames import DAY, HOUR, Codes, arrow_table
from harness.generate.report import planted_truth
from harness.generate.truth import Truth
from harness.generate.write import Sink

PROSPECTS = 34_000  # at scale 1
GROUP = 25  # products or campaigns written together


def _scale(text: str) -> float:
    value = 1.0 if text == "demo" else float(text)
    if not 0 < value <= 1000:
        raise argparse.ArgumentTypeError("scale is `demo` or a number above 0, at most 1000")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Write the shop's 17 tables and planted_truth.json."""
    parser = argparse.ArgumentParser(prog="harness.generate", description=main.__doc__)
    parser.add_argument(
        "--scale", type=_scale, default=1.0, help="`demo` (1), or times its visitors"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("data/demo"))
    options = parser.parse_args(argv)
    work = options.out.parent / f".{options.out.name}.part"
    shutil.rmtree(work, ignore_errors=True)
    try:
        generate(options.seed, options.scale, work)
        options.out.mkdir(parents=True, exist_ok=True)
        for made in sorted(work.iterdir()):
            made.replace(options.out / made.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


def generate(seed: int, scale: float, folder: Path) -> None:
    """Make the whole shop in a folder."""
    sink = Sink(folder)
    out = dirt.Dirt(sink, seed)
    truth = Truth()
    shop, pages = catalogue.make_catalogue(seed), catalogue.make_pages()
    rates = timeline.rate_by_day(seed)
    before = timeline.ORIGIN * DAY - 5 * DAY + 3 * HOUR
    out.write("products", arrow_table("products", catalogue.product_rows(shop, before)))
    out.write("pages", arrow_table("pages", catalogue.page_rows(seed, pages, before)))
    days, values = timeline.exchange_rates(seed)
    out.write(
        "fx_rates",
        arrow_table(
            "fx_rates",
            {
                "rate_date": days,
                "from_currency": Codes(np.zeros(len(days)), ["GBP"]),
                "to_currency": Codes(np.zeros(len(days)), ["EUR"]),
                "rate": values,
                "loaded_at": (days + 1) * DAY + 3 * HOUR,
            },
        ),
    )
    prospects = max(round(PROSPECTS * scale), 200)
    sizes = [build.SIZE] * (prospects // build.SIZE)
    if prospects % build.SIZE:
        sizes.append(prospects % build.SIZE)
    for block, size in enumerate(sizes):
        made = build.make_block(seed, block, len(sizes), size, shop, pages, rates)
        for name, columns in rows.tables(made):
            out.write(name, arrow_table(name, columns), block)
        account.add_block(truth, made)
    for name, parts in (
        (
            "ad_spend",
            spend.rows(seed, truth.clicks, truth.touched, truth.touched_value, scale, rates),
        ),
        ("inventory_snapshots", stock.snapshots(seed, shop, truth.sold, scale)),
    ):
        group: list[pa.Table] = []
        for number, columns in enumerate(parts):
            group.append(arrow_table(name, columns))
            if len(group) == 8 * GROUP:
                out.write(name, pa.concat_tables(group), number)
                group = []
        if group:
            out.write(name, pa.concat_tables(group), 10_000)
    out.finish()
    sink.close()
    report = planted_truth(seed, scale, truth, sink)
    if set(sink.counts) != set(TABLES):
        raise ValueError("a table is missing")
    text = json.dumps(report, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
    (folder / "planted_truth.json").write_text(text, encoding="utf-8")
