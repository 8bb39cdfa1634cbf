"""Writes docs/performance.md, between its marks, and its plot: figures of `benchmark scale`.

Ratios are of measurements made in the same run; where a size was measured several times, the
median is shown, and the spread of the ratio beside it; of memory and temporary files, the most.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections import defaultdict
from pathlib import Path

from harness.compiled import ROOT

PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- figures -->", "<!-- /figures -->"
COMPARED = ["floor", "ten KPIs, all periods and segments", "ten KPIs, month and channel"]
INCREMENTS = ["increment of one day", "increment of late rows"]


def runs_of(lines: list[dict]) -> dict[float, list[dict[str, dict]]]:
    """The runs of each size: what was measured, by name. A full build begins a run."""
    runs: dict[float, list[dict[str, dict]]] = defaultdict(list)
    for line in lines:
        if line["what"] == "full build":
            runs[line["scale"]].append({})
        runs[line["scale"]][-1][line["what"]] = line
    return dict(sorted(runs.items()))


def ratio(runs: list[dict], what: str, to: str) -> str:
    """Median and range of the ratio of two times, over the runs that have both; else empty."""
    ratios = [
        run[what]["seconds"] / run[to]["seconds"] for run in runs if what in run and to in run
    ]
    if not ratios:
        return ""
    middle = f"{statistics.median(ratios):.2f} x"
    return middle if len(ratios) == 1 else f"{middle} ({min(ratios):.2f} to {max(ratios):.2f})"


def of_all(runs: list[dict], what: str, figure: str = "seconds", one=statistics.median) -> float:
    """One number of a figure over the runs: the median, or another."""
    return one(run[what][figure] for run in runs if what in run)


def tables(lines: list[dict]) -> str:
    runs = runs_of(lines)
    text = [
        "| events | orders | full build | processor | peak memory | spilled | warehouse"
        " | of the floor | of ten KPIs, all cuts | of ten KPIs, month and channel"
        " | a day more | late rows |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for of_size in runs.values():
        full = of_size[-1]["full build"]
        cells = [
            f"{full['events']:,}", f"{full['orders']:,}", f"{of_all(of_size, 'full build'):.0f} s",
            f"{of_all(of_size, 'full build', 'processor_seconds'):.0f} s",
            f"{of_all(of_size, 'full build', 'peak_gb', max):.1f} GB",
            f"{of_all(of_size, 'full build', 'spill_gb', max):.1f} GB",
            f"{full['warehouse_gb']:.1f} GB",
            *(ratio(of_size, "full build", to) for to in COMPARED),
            *(ratio(of_size, what, "full build") for what in INCREMENTS),
        ]  # fmt: skip
        text.append(f"| {' | '.join(cells)} |")
    text += [
        "",
        "How the cost grows: the exponent of time against events between two sizes (1 is linear).",
        "",
    ]
    text += ["| from | to | full build | floor |", "| ---: | ---: | ---: | ---: |"]
    sizes = list(runs.values())
    for before, after in zip(sizes, sizes[1:], strict=False):
        [small, large] = [of_size[-1]["full build"]["events"] for of_size in (before, after)]
        grown = []
        for what in ("full build", "floor"):
            if all(what in run for run in (before[-1], after[-1])):
                times = of_all(after, what) / of_all(before, what)
                grown.append(f"{math.log(times) / math.log(large / small):.2f}")
            else:
                grown.append("")
        text.append(f"| {small:,} | {large:,} | {' | '.join(grown)} |")
    nodes = sizes[-1][-1]["full build"]["nodes"][:20]
    text += ["", f"The slowest nodes at {sizes[-1][-1]['full build']['events']:,} events:", ""]
    text += ["| node | seconds |", "| --- | ---: |"]
    text += [f"| {node['node'].split('.')[2]} | {node['seconds']:.1f} |" for node in nodes]
    return "\n".join(text)


def plot(lines: list[dict], path: Path) -> None:
    import altair

    names = ["full build", *COMPARED, *INCREMENTS]
    points = [
        {name: line[name] for name in ("what", "events", "seconds")}
        for line in lines
        if line["what"] in names
    ]
    scale = altair.Scale(type="log")
    chart = (
        altair.Chart(altair.Data(values=points), width=560, height=360)
        .mark_line(point=True)
        .encode(
            x=altair.X("events:Q", scale=scale, title="session events"),
            y=altair.Y("median(seconds):Q", scale=scale, title="seconds (median)"),
            color=altair.Color("what:N", title=None, sort=names),
            strokeDash=altair.StrokeDash("what:N", title=None, sort=names),
        )
    )
    chart.save(str(path))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness benchmark report", description=__doc__)
    parser.add_argument("--figures", type=Path, default=ROOT / "target" / "benchmark.jsonl")
    path = parser.parse_args(argv).figures
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    head, rest = PAGE.read_text(encoding="utf-8").split(START)
    page = f"{head}{START}\n{tables(lines)}\n{END}{rest.split(END)[1]}"
    PAGE.write_text(page, encoding="utf-8")
    plot(lines, PAGE.with_suffix(".svg"))
    print(f"wrote {PAGE} and its plot")
    return 0
