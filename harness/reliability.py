"""Puts the figures of the long tests (`make soak`) into docs/reliability.md.

Each test leaves a line of JSON in the file $SOAK_FIGURES: what was tried, and numbers. Counts of
several lines about the same are added up; of seconds, the mean is taken.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
START, END = "<!-- figures -->", "<!-- /figures -->"


def table(lines: list[dict]) -> str:
    found: dict[str, dict[str, list[float]]] = {}
    for line in lines:
        for name, number in line.items():
            if name != "what":
                found.setdefault(line["what"], {}).setdefault(name, []).append(number)
    rows = ["| what | figures |", "| --- | --- |"]
    for what, figures in found.items():
        said = [
            f"{name.replace('_', ' ')}: "
            + str(round(sum(n) / len(n), 1) if "seconds" in name else sum(n))
            for name, n in figures.items()
        ]
        rows.append(f"| {what} | {', '.join(said)} |")
    return "\n".join(rows)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness reliability", description=__doc__)
    default = os.environ.get("SOAK_FIGURES", "target/soak.jsonl")
    parser.add_argument("--figures", type=Path, default=Path(default))
    lines = parser.parse_args(argv).figures.read_text(encoding="utf-8").splitlines()
    figures = table([json.loads(line) for line in lines])
    head, rest = PAGE.read_text(encoding="utf-8").split(START)
    page = f"{head}{START}\n{figures}\n{END}{rest.split(END)[1]}"
    PAGE.write_text(page, encoding="utf-8")
    print(figures)
    return 0
