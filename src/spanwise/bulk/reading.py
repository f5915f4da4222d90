"""Documents from one file, one at a time: bare text, JSON lines, Parquet.

What is wrong with a document is a `Failure` in its place. No more is held than the document at hand and, of a
Parquet file, some rows of a row group.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal
from urllib.parse import quote

import pydantic_core

from spanwise.bulk.documents import Document, Failure, Item
from spanwise.errors import UserError, first_line

if TYPE_CHECKING:
    import pyarrow.parquet as pq

Kind = Literal["txt", "jsonl", "parquet"]

STDIN = "-"
BOM = b"\xef\xbb\xbf"
BYTES_PER_CHARACTER = 4  # of UTF-8, at most
ESCAPED_BYTES_PER_CHARACTER = 12  # of JSON, at most: two escapes beyond the basic plane
OTHER_FIELDS = 1 << 20  # bytes of a JSON line that are not its text, at most
ROWS = 64  # of a Parquet file that are decoded at once
BUFFER = 1 << 20  # bytes
LONGEST_NAME = 200  # bytes; file systems allow 255, suffix included


@dataclass(frozen=True)
class InputFile:
    """A file to read documents from.

    Attributes:
        path: As it was given, or found in the folder that was given; `-` is standard input.
        kind: How it is written.
        name: See `Document.name`; of a file with many documents it is not used.
    """

    path: str
    kind: Kind
    name: str


@dataclass(frozen=True)
class Reading:
    """How documents are read.

    Attributes:
        id_field: The field of a JSON line, or the column of a Parquet file, that holds a document's id.
        text_field: The one that holds its text.
        max_characters: A longer document is a failure, and is not held in memory.
    """

    id_field: str
    text_field: str
    max_characters: int

    def __call__(self, file: InputFile) -> Iterator[Item]:
        """The documents of `file`, in their order."""
        try:
            yield from {"txt": self._text, "jsonl": self._lines, "parquet": self._rows}[file.kind](file)
        except OSError as error:
            yield Failure(None, file.path, f"cannot be read: {error.strerror or type(error).__name__}")

    def _text(self, file: InputFile) -> Iterator[Item]:
        place = _place(file)
        name = "stdin" if file.path == STDIN else file.path
        limit = self.max_characters * BYTES_PER_CHARACTER
        with _opened(file.path) as stream:
            content = stream.read(limit + 1)
        try:
            name.encode()
            text = content.decode() if len(content) <= limit else None
        except UnicodeEncodeError:
            yield Failure(None, _printable(place), "its name is not UTF-8")
        except UnicodeDecodeError as error:
            reason = f"not UTF-8: byte {error.start} cannot be decoded"
            yield Failure(name, place, reason)
        else:
            yield self._sized(name, text, place, file.name)

    def _lines(self, file: InputFile) -> Iterator[Item]:
        limit = self.max_characters * ESCAPED_BYTES_PER_CHARACTER + OTHER_FIELDS
        with _opened(file.path) as stream:
            for number, line in enumerate(bounded_lines(stream, limit), start=1):
                place = f"{_printable(_place(file))}:{number}"
                if line is None:
                    yield Failure(None, place, self._too_long)
                elif stripped := line.removeprefix(BOM if number == 1 else b"").strip():
                    yield self._parsed(stripped, place)

    def _parsed(self, line: bytes, place: str) -> Item:
        try:
            value = pydantic_core.from_json(line)
        except ValueError as error:
            return Failure(None, place, f"not valid JSON: {error}")
        if not isinstance(value, dict):
            return Failure(None, place, "not a JSON object")
        missing = [field for field in (self.id_field, self.text_field) if field not in value]
        if missing:
            return Failure(None, place, f"no field {missing[0]!r}")
        return self._document(value[self.id_field], value[self.text_field], place)

    def _rows(self, file: InputFile) -> Iterator[Item]:
        with open_parquet(file.path) as table:
            batches = table.iter_batches(ROWS, columns=[self.id_field, self.text_field], use_threads=False)
            number = 0
            for batch in batches:
                columns = (batch.column(field) for field in (self.id_field, self.text_field))
                for values in zip(*columns, strict=True):
                    number += 1
                    name, text = (value.as_py() for value in values)
                    yield self._document(name, text, f"{_printable(file.path)}:{number}")

    def _document(self, id: object, text: object, place: str) -> Item:
        """A document of its fields' values, which may be anything."""
        if isinstance(id, bool) or not isinstance(id, str | int):
            return Failure(None, place, f"{self.id_field!r} is neither a string nor an integer")
        if id == "":
            return Failure(None, place, f"{self.id_field!r} is empty")
        if not isinstance(text, str):
            return Failure(str(id), place, f"{self.text_field!r} is not a string")
        return self._sized(str(id), text, place, quote(str(id), safe=" "))

    def _sized(self, id: str, text: str | None, place: str, name: str) -> Item:
        if text is None or len(text) > self.max_characters:
            return Failure(id, place, self._too_long)
        return Document(id, text, place, name)

    @property
    def _too_long(self) -> str:
        return f"longer than {self.max_characters:,} characters (--max-characters)"


def bounded_lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """The lines of a stream, and None in place of each that has `limit` bytes or more: it is never held."""
    while line := stream.readline(limit):
        if line.endswith(b"\n") or len(line) < limit:
            yield line
            continue
        while (rest := stream.readline(BUFFER)) and not rest.endswith(b"\n"):
            pass
        yield None


def open_parquet(path: str) -> pq.ParquetFile:
    """A Parquet file whose columns are read piece by piece.

    Raises:
        UserError: If it is none, or pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UserError("reading Parquet takes pyarrow", hint="pip install 'spanwise[serve]'") from None
    try:
        return pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"not a Parquet file: {first_line(error)}", path=path) from None


def name_fault(name: str) -> str | None:
    """Why no file can have this name, if so."""
    longest = max(len(part.encode()) for part in name.split("/"))
    return "its id is too long for the name of a file" if longest > LONGEST_NAME else None


def _opened(path: str) -> nullcontext[BinaryIO] | BinaryIO:
    return nullcontext(sys.stdin.buffer) if path == STDIN else Path(path).open("rb")


def _place(file: InputFile) -> str:
    return "standard input" if file.path == STDIN else file.path


def _printable(text: str) -> str:
    """Without what UTF-8 cannot express: parts of file names that are not UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
