"""Load a shop's files into the tables of schema `raw`, for engines that do not read them in place.

Spark: `python -m harness load --target spark`, then `dbt build --target spark` (docs/spark.md).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

from harness import contract
from harness.build import raw_dir_of
from harness.compiled import DBT


def found(raw_dir: Path, missing: list[str]) -> dict[str, list[str]]:
    """The file of each table that is not declared missing: its format and its path."""
    files = {}
    problems = []
    for table, rules in contract.tables().items():
        there = [kind for kind in ("parquet", "csv") if (raw_dir / f"{table}.{kind}").is_file()]
        if table in missing and not rules["required"]:
            continue
        if len(there) == 1:
            files[table] = [there[0], str((raw_dir / f"{table}.{there[0]}").resolve())]
        elif there:
            problems.append(f"there are both {table}.parquet and {table}.csv in {raw_dir}")
        else:
            problems.append(
                f"the table `{table}` is not in {raw_dir}; put it there"
                + ("" if rules["required"] else " or name it with --missing-tables")
            )
    if problems:
        raise SystemExit("\n".join(problems))
    return files


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness load", description=__doc__)
    parser.add_argument("--target", default="spark", help="of profiles.yml (spark)")
    parser.add_argument(
        "--raw-dir",
        type=Path,
        default=raw_dir_of([]),
        help="folder of <table>.parquet or <table>.csv (environment RAW_DIR, else the demo shop)",
    )
    parser.add_argument("--missing-tables", nargs="*", default=[], help="optional tables not there")
    options, others = parser.parse_known_args(argv)
    arguments = json.dumps({"files": found(options.raw_dir, options.missing_tables)})
    return subprocess.run(
        [DBT, "run-operation", "load_raw_tables", "--target", options.target,
         "--args", arguments, *others],
    ).returncode  # fmt: skip
