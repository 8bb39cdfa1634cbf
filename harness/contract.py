"""The input contract (models/staging/_staging__sources.yml) as data, and printed as a table."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

import yaml

SOURCES = Path(__file__).parent.parent / "models" / "staging" / "_staging__sources.yml"


@functools.cache
def tables() -> dict[str, dict]:
    """The raw tables by name: description, required, primary_key, row_checks, columns.

    A column is {name, type, description} and, where they apply, nullable, accepted, check,
    references, pii, default, scale and is_plan.
    """
    [source] = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))["sources"]
    contract = {}
    for table in source["tables"]:
        columns = [
            {
                "name": column["name"],
                "type": column["data_type"],
                "description": column["description"],
                **column.get("config", {}).get("meta", {}),
            }
            for column in table["columns"]
        ]
        meta = {"row_checks": [], **table["config"]["meta"]}
        contract[table["name"]] = {"description": table["description"], **meta, "columns": columns}
    return contract


def rule(column: dict) -> str:
    """What a column has to be, in words."""
    words = [column["type"]]
    if not column.get("nullable") and "default" not in column:
        words.append("filled")
    if "accepted" in column:
        words.append("one of " + ", ".join(column["accepted"]))
    words += [column["check"]] if "check" in column else []
    words += [f"in {column['references']}"] if "references" in column else []
    return "; ".join(words)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness contract", description=__doc__)
    parser.add_argument("table", nargs="*", help="only these tables")
    names = parser.parse_args(argv).table
    for name, table in tables().items():
        if names and name not in names:
            continue
        need = "required" if table["required"] else "optional"
        print(f"\n{name} ({need}; key {', '.join(table['primary_key'])}): {table['description']}")
        for column in table["columns"]:
            print(f"  {column['name']:26} {rule(column)}")
            print(f"  {'':26} {column['description']}")
    return 0
