"""Marks as Parquet, with typed columns and the dictionary's words in the file."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.exports.dictionary import DICTIONARY
from evaluation.marks import Marks

TYPES = {"repeat": pa.int32(), "valid": pa.bool_(), "rank": pa.int32(), "seconds": pa.float64()}
TYPES |= {"sequence": pa.int32(), "revisions": pa.int32()}


def parquet(marks: Marks) -> bytes:
    """The marks in the order of the file; empty numbers are null."""
    schema = pa.schema(
        [
            pa.field(column.name, TYPES.get(column.name, pa.string()), metadata={"meaning": column.meaning})
            for column in DICTIONARY
        ]
    )
    columns = {column.name: [getattr(mark, column.name) for mark in marks.rows] for column in DICTIONARY}
    output = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), output, compression="zstd")
    return output.getvalue()
