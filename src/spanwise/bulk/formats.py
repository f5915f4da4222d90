"""How entities are written: lines as documents are done, and what the lines become at the end.

Parquet files and folders cannot be appended to, so that they are kept as lines of JSON until all is done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from spanwise.bulk.documents import Document, Rendered
from spanwise.errors import UserError
from spanwise.io import atomic, write_text
from spanwise.writers import Entities, brat_lines, conll_lines, json_line

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["table", "jsonl", "brat", "conll", "parquet"]

SUFFIXES: dict[str, Format] = {".jsonl": "jsonl", ".conll": "conll", ".parquet": "parquet"}
"""The formats of files that tell theirs by a suffix."""

ROWS = 1024  # of a Parquet file's row group, at most
GROUP_BYTES = 32 << 20  # of JSON that becomes one, at most, unless one document has more


def render(format: Format, document: Document, found: Entities) -> Rendered:
    """The lines of one document. A table is shown from lines of JSON too."""
    left_out = 0
    if format == "conll":
        words, left_out = conll_lines(document.text, found)
        lines = "".join(f"{line}\n" for line in words)
    elif format == "brat":
        files = {"name": document.name, "text": document.text}
        lines = json.dumps({**files, "found": found.model_dump(exclude_none=True)}) + "\n"
    else:
        lines = json_line(found) + "\n"
    return Rendered(lines, len(found.entities), len(document.text), left_out)


def finish(format: Format, part: Path, output: Path) -> None:
    """Turn the lines of all documents, in `part`, into `output`, and remove them. It can be done again.

    Raises:
        UserError: If pyarrow is not installed.
    """
    if format == "brat":
        with atomic(output) as folder:
            folder.mkdir()
            for line in _lines(part):
                entry = json.loads(line)
                ann = brat_lines(Entities.model_validate(entry["found"]))
                write_text(folder / f"{entry['name']}.txt", entry["text"])
                write_text(folder / f"{entry['name']}.ann", "".join(f"{line}\n" for line in ann))
        part.unlink()
    elif format == "parquet":
        write_parquet(part, output)
        part.unlink()
    else:
        part.replace(output)


def write_parquet(part: Path, output: Path) -> None:
    """Lines of JSON as a Parquet file: one row a document, in row groups.

    Its columns: `id`; `text`, null unless asked for; `entities`, a list of structs of `start`, `end`,
    `label`, `text` and `confidence`.
    """
    pq = require_pyarrow()
    schema = _schema()
    with atomic(output) as path, pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _groups(part):
            writer.write_table(_table(rows, schema))


def require_pyarrow() -> Any:
    """The module `pyarrow.parquet`.

    Raises:
        UserError: If it is not installed.
    """
    try:
        import pyarrow.parquet as pq
    except ImportError:
        raise UserError("Parquet takes pyarrow", hint="pip install 'spanwise[serve]'") from None
    return pq


def _schema() -> pa.Schema:
    import pyarrow as pa

    entity = pa.struct(
        [
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("label", pa.string(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("confidence", pa.float64(), nullable=False),
        ]
    )
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("text", pa.string()),
            pa.field("entities", pa.list_(pa.field("item", entity, nullable=False)), nullable=False),
        ]
    )


def _table(rows: list[str], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist([json.loads(row) for row in rows], schema=schema)


def _groups(part: Path) -> Iterator[list[str]]:
    rows: list[str] = []
    size = 0
    for line in _lines(part):
        if rows and (len(rows) == ROWS or size + len(line) > GROUP_BYTES):
            yield rows
            rows, size = [], 0
        rows.append(line)
        size += len(line)
    if rows:
        yield rows


def _lines(part: Path) -> Iterator[str]:
    with part.open(encoding="utf-8", newline="\n") as file:
        yield from file
