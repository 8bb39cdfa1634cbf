"""Columns as numpy arrays, and their way into arrow tables.

A frame is a dict of equally long numpy arrays. Times are whole seconds since 1970 (UTC), days are
days since 1970, amounts are whole hundredths; `NA` is null in all of them and in identifiers.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.generate import contract

NA = np.iinfo(np.int64).min
HOUR, DAY = 3600, 86400

Frame = dict[str, np.ndarray]


def stream(seed: int, purpose: str, block: int = 0) -> np.random.Generator:
    """A random stream of its own for each purpose and block, whatever the order of the calls."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), block])


def concat(frames: Sequence[Frame]) -> Frame:
    """Frames of the same columns, one after the other."""
    return {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}


def take(frame: Frame, index: np.ndarray) -> Frame:
    """The rows of a frame at an index or a mask."""
    return {name: values[index] for name, values in frame.items()}


def draw(rng: np.random.Generator, weights: Sequence[float] | np.ndarray, size: int) -> np.ndarray:
    """Positions drawn with the given weights."""
    total = np.cumsum(np.asarray(weights, dtype=float))
    picks = np.searchsorted(total, rng.random(size) * total[-1], side="right")
    return np.minimum(picks, len(total) - 1)


@dataclass
class Ids:
    """Identifiers such as `S0000123`: a prefix and a number of fixed width; `NA` is null."""

    prefix: str
    numbers: np.ndarray
    width: int = 7

    def arrow(self) -> pa.Array:
        """The identifiers as an arrow string array."""
        numbers = np.asarray(self.numbers, dtype=np.int64)
        missing = numbers == NA
        head = np.frombuffer(self.prefix.encode(), dtype=np.uint8)
        size = len(head) + self.width
        text = np.empty((len(numbers), size), dtype=np.uint8)
        text[:, : len(head)] = head
        rest = np.where(missing, 0, numbers)
        for place in range(size - 1, len(head) - 1, -1):
            text[:, place] = 48 + rest % 10
            rest = rest // 10
        if rest.any():
            raise ValueError(f"identifier {self.prefix} does not fit {self.width} digits")
        offsets = np.arange(len(numbers) + 1, dtype=np.int32) * size
        made = pa.StringArray.from_buffers(
            len(numbers), pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes())
        )
        return _blank(made, missing)


@dataclass
class Codes:
    """Text as positions in a short list; a negative position is null."""

    codes: np.ndarray
    words: Sequence[str | None]

    def arrow(self) -> pa.Array:
        """The words as an arrow string array."""
        codes = np.asarray(self.codes, dtype=np.int64)
        words = pa.array(list(self.words), pa.string())
        return words.take(pa.array(np.maximum(codes, 0), mask=codes < 0))


def _blank(values: pa.Array, missing: np.ndarray) -> pa.Array:
    if not missing.any():
        return values
    return pc.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def _decimal(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    missing = values == NA
    pairs = np.empty((len(values), 2), dtype=np.int64)
    pairs[:, 0] = np.where(missing, 0, values)
    pairs[:, 1] = pairs[:, 0] >> 63
    made = pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(pairs.tobytes())])
    return _blank(made, missing)


def _column(values: object, kind: pa.DataType) -> pa.Array:
    if isinstance(values, (Ids, Codes)):
        return values.arrow()
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, list):
        return pa.array(values, kind)
    array = np.asarray(values)
    if pa.types.is_boolean(kind):
        return pa.array(array == 1, mask=array < 0)
    missing = array == NA
    filled = np.where(missing, 0, array)
    if pa.types.is_decimal(kind):
        return _decimal(array.astype(np.int64), kind)
    if pa.types.is_timestamp(kind):
        return pa.array(filled * 1000, mask=missing).cast(kind)
    if pa.types.is_date(kind):
        return pa.array(filled.astype(np.int32), mask=missing).cast(kind)
    return pa.array(filled, mask=missing).cast(kind)


def as_text(table: pa.Table, name: str) -> pa.Table:
    """A table's columns written as text, times as `2025-01-31 08:00:00`."""
    columns = []
    for column in table.columns:
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("s"))
        columns.append(column.cast(pa.string()))
    return pa.table(columns, schema=contract.file_schema(name))


def arrow_table(name: str, columns: dict[str, object]) -> pa.Table:
    """An arrow table of contract `name`; every contract column has to be given, and no other."""
    schema = contract.typed_schema(name)
    if set(columns) != set(schema.names):
        raise ValueError(f"{name}: {set(columns) ^ set(schema.names)}")
    made = pa.table([_column(columns[field.name], field.type) for field in schema], schema=schema)
    return as_text(made, name) if name in contract.TEXT_TABLES else made
