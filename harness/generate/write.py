"""Parquet files written block by block, and the count of every row that goes into them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from harness.generate import contract

LEVEL = 15  # zstd


@dataclass
class Count:
    """What becomes of a table's rows: read = accepted + superseded + rejected."""

    accepted: int = 0
    superseded: int = 0
    rejected: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """All rows of the file."""
        return self.accepted + self.superseded + self.rejected


class Sink:
    """One open parquet file a table; rows are on disk as soon as they are written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.counts = {name: Count() for name in contract.TABLES}
        self.writers = {name: self._open(name) for name in contract.TABLES}

    def _open(self, name: str) -> pq.ParquetWriter:
        text = name in contract.TEXT_TABLES
        delta = {column: "DELTA_BYTE_ARRAY" for column in contract.DELTA_TEXT.get(name, [])}
        if not text:
            delta |= {c: "DELTA_BINARY_PACKED" for c in contract.DELTA_TIME.get(name, [])}
        plain = [column for column in contract.TABLES[name] if column not in delta]
        return pq.ParquetWriter(
            self.folder / f"{name}.parquet",
            contract.file_schema(name),
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=plain,
            column_encoding=delta or None,
            store_schema=False,
            store_decimal_as_integer=True,
            write_statistics=True,
        )

    def write(self, name: str, rows: pa.Table) -> None:
        """Append rows as one row group (1,000,000 rows at most)."""
        if rows.num_rows:
            self.writers[name].write_table(rows, row_group_size=1_000_000)

    def close(self) -> None:
        """Finish all files."""
        for writer in self.writers.values():
            writer.close()
