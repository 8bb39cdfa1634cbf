"""A reader that never stops: opens what is published, over and over, and writes down what it saw.

    python tests/python/reading_loop.py <published folder> <two tables, by comma> <file to write>

A line for each round: the digests of both tables in the file that everybody opens, and those in the
file, the parquet files and the manifest that `current` leads to. Ends when its input is closed.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[2]))
from harness.publish import contents_of, quoted, text


def of_file(path: Path, tables: list[str]) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        # one after the other, as a dashboard asks for one chart after the other
        return [contents_of(connection, quoted(table))["digest"] for table in tables]


def of_version(version: Path, tables: list[str]) -> list[list[str]]:
    manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        parquet = [
            contents_of(connection, text(version / "parquet" / f"{table}.parquet"))["digest"]
            for table in tables
        ]
    stated = [manifest["tables"][table]["digest"] for table in tables]
    return [stated, of_file(version / "shop.duckdb", tables), parquet]


def main(folder: Path, tables: list[str], log: Path) -> None:
    with log.open("w", encoding="utf-8") as file:
        while not select.select([sys.stdin], [], [], 0)[0]:
            seen = {
                "address": of_file(folder / "shop.duckdb", tables),
                # who reads several files asks once where they are
                "current": of_version((folder / "current").resolve(), tables),
            }
            print(json.dumps(seen), file=file, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].split(","), Path(sys.argv[3]))
