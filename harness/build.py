"""`dbt build`, and where it stops for a reason outside the project, one sentence on what to do.

dbt shows DuckDB's own words, and some of them name neither the file nor a remedy. Arguments are
those of `dbt build`.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import yaml

from harness.compiled import DBT

AGAIN = "readers still see the version published before"

# What dbt prints, and what it means. Longer lists belong in docs/reliability.md.
FAULTS = {
    r'Could not set lock on file "(?P<file>[^"]+)".*?\((?P<who>PID \d+)\)': (
        "another process ({who}) has {file} open, which this run left as it was; wait until it has"
        f" ended, or close it, then build again; {AGAIN}"
    ),
    r"No space left on device|File too large|Disk quota exceeded|max_temp_directory_size": (
        f"the disk is full; make room, then build again; {AGAIN}"
    ),
    r"Out of Memory Error": (
        "memory ran out; give DUCKDB_MEMORY_LIMIT more, or DUCKDB_TEMP_DIRECTORY a disk with room,"
        f" then build again; {AGAIN}"
    ),
    r"(?:No magic bytes found at end of file|Failed to read file|File) ['\"](?P<file>[^'\"]+)['\"]"
    r"(?=:| too small|\s)": (
        f"the file {{file}} is broken or cut off; write it again, then build again; {AGAIN}"
    ),
    r"(?s)CSV Error on Line: (?P<line>\d+).{,300}not utf-8 encoded.*?file = (?P<file>[^\n]+)": (
        "the file {file} is not in UTF-8 (line {line}, or near it); write it in UTF-8, then build"
        f" again; {AGAIN}"
    ),
    r"(?s)CSV Error on Line: (?P<line>\d+).*?file = (?P<file>[^\n]+)": (
        f"line {{line}} of the file {{file}} has other fields than the first line names; mend it (a"
        f" text with a comma stands in double quotes), then build again; {AGAIN}"
    ),
    r'Error when sniffing file "(?P<file>[^"]+)"': (
        "the lines of the file {file} do not have the same fields; mend it (a text with a comma"
        " stands in double quotes, all lines end alike, the text is in UTF-8), then build again;"
        f" {AGAIN}"
    ),
    r"TProtocolException": (
        f"the file {{file}} is broken or cut off; write it again, then build again; {AGAIN}"
    ),
}


# Bytes of raw files from which nodes that run side by side cost more than they save.
LARGE = 250_000_000


def raw_dir_of(argv: list[str]) -> Path:
    """The folder of the raw tables that dbt reads with these arguments: the var, else RAW_DIR, else
    the demo shop."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--vars", default="{}")
    try:
        given = yaml.safe_load(parser.parse_known_args(argv)[0].vars)
    except yaml.YAMLError:  # dbt says what is wrong with it
        given = None
    named = given.get("raw_dir") if isinstance(given, dict) else None
    return Path(named or os.environ.get("RAW_DIR", "data/demo"))


def threads(raw_dir: Path) -> str:
    """DBT_THREADS, if set; else for a shop: 2, which lets one node compute while dbt prepares
    another; 1 for a large one, as DuckDB has every core busy with one statement, and two get in
    each other's way."""
    if "DBT_THREADS" in os.environ:
        return os.environ["DBT_THREADS"]
    return "1" if sum(file.stat().st_size for file in raw_dir.glob("*.*")) > LARGE else "2"


def unreadable(warehouse: Path) -> str:
    """The first raw file of the last run whose footer cannot be read: DuckDB does not always say
    which it is."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for (path,) in connection.execute("select path from runs.raw_files").fetchall():
            if path.endswith(".parquet"):
                try:
                    connection.execute("from parquet_file_metadata(?)", [path]).fetchall()
                except duckdb.Error:
                    return path
    return "of a raw table"


def diagnosis(output: str, warehouse: Path) -> str | None:
    """What a run that stopped has met, in one sentence; None where dbt itself has said it."""
    for words, sentence in FAULTS.items():
        if found := re.search(words, output):
            said = found.groupdict()
            if "{file}" in sentence and "file" not in said:
                said["file"] = unreadable(warehouse)
            return sentence.format(**said)
    return None


def main(argv: list[str]) -> int:
    if argv in (["-h"], ["--help"]):
        print("usage: python -m harness build [options of dbt build]", __doc__, sep="\n\n")
        return 0
    process = subprocess.Popen(
        [DBT, "build", *argv],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "DBT_THREADS": threads(raw_dir_of(argv))},
    )  # fmt: skip
    output = []
    for line in process.stdout:
        print(line, end="", flush=True)
        output.append(line)
    code = process.wait()
    warehouse = Path(os.environ.get("DUCKDB_PATH", "warehouse/ecommerce_kpis.duckdb"))
    if code < 0:
        print(f"the build was killed (signal {-code}); build again; {AGAIN}", file=sys.stderr)
    elif code and (sentence := diagnosis("".join(output), warehouse)):
        print(sentence, file=sys.stderr)
    return 1 if code else 0
