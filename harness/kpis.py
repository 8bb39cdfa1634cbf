"""The table of KPIs in README.md, made from the entries in models/marts/<domain>/_*__kpis.yml."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
MARTS = ROOT / "models" / "marts"
README = ROOT / "README.md"
START, END = "<!-- kpis -->\n", "<!-- /kpis -->"


def entries() -> dict[str, dict]:
    """The KPIs by id, in the order of their domains' files: label, unit, question, file, ..."""
    found = {}
    for file in sorted(MARTS.glob("*/_*__kpis.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            identifier = model["name"].removeprefix("kpi_")
            question = model["description"].split("**Definition.**")[0]
            found[identifier] = {
                **model["config"]["meta"]["kpi"],
                "question": question.removeprefix("**Question.**").strip(),
                "file": (file.parent / f"{model['name']}.sql").relative_to(ROOT).as_posix(),
            }
    return found


def table() -> str:
    lines = ["| domain | KPI | answers | unit | file |", "| --- | --- | --- | --- | --- |"]
    for identifier, kpi in entries().items():
        file = f"[`{Path(kpi['file']).name}`]({kpi['file']})"
        lines.append(
            f"| {kpi['domain']} | {kpi['label']} (`{identifier}`) | {kpi['question']}"
            f" | {kpi['unit']} | {file} |"
        )
    return "\n".join(lines) + "\n"


def readme() -> str:
    """README.md with the table as it has to be."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(START)
    return before + START + table() + END + rest.split(END)[1]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness kpis", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    if parser.parse_args(argv).check:
        fresh = README.read_text(encoding="utf-8") == readme()
        print("README.md is up to date" if fresh else "run `python -m harness kpis`")
        return 0 if fresh else 1
    README.write_text(readme(), encoding="utf-8")
    print(f"wrote the table of {len(entries())} KPIs into {README.name}", file=sys.stderr)
    return 0
