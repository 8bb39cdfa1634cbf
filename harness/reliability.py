"""Puts the figures of the long tests (`make soak`, `make mutation`) into docs/reliability.md.

Each test leaves a line of JSON in the file $SOAK_FIGURES: what was tried, and numbers. Counts of
several lines about the same are added up; of seconds and percentages, the mean is taken. What the
page says of other tests stays as it is.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
START, END = "<!-- figures -->", "<!-- /figures -->"
HEAD = ["| what | figures |", "| --- | --- |"]


def rows(lines: list[dict]) -> dict[str, str]:
    """By what was tried: its row of the table."""
    found: dict[str, dict[str, list[float]]] = {}
    for line in lines:
        for name, number in line.items():
            if name != "what":
                found.setdefault(line["what"], {}).setdefault(name, []).append(number)

    def said(name: str, numbers: list[float]) -> str:
        is_mean = "seconds" in name or "percent" in name
        number = round(sum(numbers) / len(numbers), 1) if is_mean else sum(numbers)
        return f"{name.replace('_', ' ')}: {number}"

    return {
        what: f"| {what} | {', '.join(said(*figure) for figure in figures.items())} |"
        for what, figures in found.items()
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness reliability", description=__doc__)
    default = os.environ.get("SOAK_FIGURES", "target/soak.jsonl")
    parser.add_argument("--figures", type=Path, default=Path(default))
    lines = parser.parse_args(argv).figures.read_text(encoding="utf-8").splitlines()
    head, rest = PAGE.read_text(encoding="utf-8").split(START)
    before, tail = rest.split(END)
    known = {
        row.split(" | ")[0].removeprefix("| "): row
        for row in before.splitlines()
        if row.startswith("| ") and row not in HEAD
    }
    figures = "\n".join([*HEAD, *{**known, **rows([json.loads(line) for line in lines])}.values()])
    PAGE.write_text(f"{head}{START}\n{figures}\n{END}{tail}", encoding="utf-8")
    print(figures)
    return 0
