"""Marks as Parquet, with typed columns and the dictionary's words in the file."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.exports.dictionary import DICTIONARY
from evaluation.exports.streams import written
from evaluation.marks import Mark, Marks

ROW_GROUP = 1 << 16
TYPES = {"repeat": pa.int32(), "valid": pa.bool_(), "rank": pa.int32(), "seconds": pa.float64()}
TYPES |= {"sequence": pa.int32(), "revisions": pa.int32()}


def parquet(marks: Marks) -> Iterator[bytes]:
    """The marks in the order of the file; empty numbers are null. A row group holds 65,536 marks."""
    return written(partial(_write, marks))


def _write(marks: Marks, output: IO[bytes]) -> None:
    schema = pa.schema(
        [
            pa.field(column.name, TYPES.get(column.name, pa.string()), metadata={"meaning": column.meaning})
            for column in DICTIONARY
        ]
    )
    with pq.ParquetWriter(output, schema, compression="zstd") as writer:
        for rows in groups(marks.rows):
            columns = {column.name: [getattr(mark, column.name) for mark in rows] for column in DICTIONARY}
            writer.write_table(pa.table(columns, schema=schema))


def groups(rows: Iterable[Mark]) -> Iterator[list[Mark]]:
    """The marks of one row group after the other."""
    left = iter(rows)
    while group := list(islice(left, ROW_GROUP)):
        yield group
