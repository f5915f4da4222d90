"""What the command line names, as files: themselves, folders, patterns, standard input."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from spanwise.bulk.documents import Item
from spanwise.bulk.reading import BUFFER, STDIN, InputFile, Kind, Reading, open_parquet
from spanwise.errors import UserError

Format = Literal["auto", "txt", "jsonl", "parquet"]

FEW = 20  # texts that are named one by one, and are shown as tables
SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "txt": (".txt",),
    "jsonl": (".jsonl", ".ndjson"),
    "parquet": (".parquet", ".pq"),
}
"""What is read of a folder, and, of the last two, what a file is told by; all others are text."""


class Survey(NamedTuple):
    """What is known of the inputs before they are read.

    `digest` is one of all paths, sizes and times of last change, and None where a stream is among them, which
    cannot be read again. `documents` is their number, None where counting would take reading them; lines of
    JSON are counted with those that are blank.
    """

    digest: str | None
    documents: int | None


@dataclass(frozen=True)
class Inputs:
    """The documents that a run is about. It can be sent to other processes, and be read there.

    Attributes:
        names: Files, folders, patterns such as `notes/**/*.txt`, and `-`.
        format: How files are written; `auto` tells it by the suffix, and takes the texts of a folder.
        reading: How documents are read from them.
    """

    names: tuple[str, ...]
    format: Format
    reading: Reading

    @property
    def few(self) -> bool:
        """Whether they are some texts that were named one by one."""
        kinds = {self._kind(name) for name in self.names}
        plain = all(name == STDIN or Path(name).is_file() for name in self.names)
        return plain and kinds == {"txt"} and len(self.names) <= FEW

    def items(self) -> Iterator[Item]:
        """The documents, in the order of the names and, in a folder, of the paths."""
        for file in self.files():
            yield from self.reading(file)

    def files(self) -> Iterator[InputFile]:
        """The files.

        Raises:
            UserError: If a name stands for none.
        """
        for name in self.names:
            if name == STDIN:
                yield InputFile(name, self._kind(name), "stdin")
            elif Path(name).is_dir():
                yield from self._in_folder(name)
            elif Path(name).exists():
                yield InputFile(name, self._kind(name), Path(name).stem)
            else:
                yield from self._matching(name)

    def survey(self, *, count: bool) -> Survey:
        """What is known of the files without reading their documents.

        Args:
            count: Whether lines are to be counted, which takes a pass over files of JSON.

        Raises:
            UserError: If a name stands for no file, or a Parquet file lacks a column.
        """
        digest = hashlib.sha256()
        repeatable, documents = True, 0
        for file in self.files():
            regular = file.path != STDIN and stat.S_ISREG(os.stat(file.path).st_mode)  # noqa: PTH116
            if regular:
                state = os.stat(file.path)  # noqa: PTH116
                digest.update(json.dumps([file.path, state.st_size, state.st_mtime_ns]).encode() + b"\n")
            repeatable = repeatable and regular
            documents += self._count(file, lines=count and regular)
        countable = count and repeatable
        return Survey(digest.hexdigest() if repeatable else None, documents if countable else None)

    def _count(self, file: InputFile, *, lines: bool) -> int:
        if file.kind == "txt":
            return 1
        if file.kind == "jsonl":
            return count_lines(Path(file.path)) if lines else 0
        with open_parquet(file.path) as table:
            known = table.schema_arrow.names
            for field in (self.reading.id_field, self.reading.text_field):
                if field not in known:
                    raise UserError(
                        f"has no column {field!r}; it has: {', '.join(known)}",
                        path=file.path,
                        hint="Name the columns with --id-field and --text-field.",
                    )
            return int(table.metadata.num_rows)

    def _kind(self, name: str) -> Kind:
        if name == STDIN and self.format == "parquet":
            raise UserError("Parquet cannot be read from standard input", hint="Name the file.")
        if self.format != "auto":
            return self.format
        suffix = Path(name).suffix.lower()
        return next((kind for kind in ("jsonl", "parquet") if suffix in SUFFIXES[kind]), "txt")

    def _in_folder(self, name: str) -> Iterator[InputFile]:
        kind: Kind = "txt" if self.format == "auto" else self.format
        none = True
        for path in _walk(name):
            if Path(path).suffix.lower() in SUFFIXES[kind]:
                none = False
                yield InputFile(path, kind, os.path.splitext(os.path.relpath(path, name))[0])  # noqa: PTH122
        if none:
            hint = "Other files are read with --input-format, or when they are named."
            raise UserError(f"no {SUFFIXES[kind][0]} file is in this folder", path=name, hint=hint)

    def _matching(self, name: str) -> Iterator[InputFile]:
        if not any(sign in name for sign in "*?["):
            raise UserError("no such file", path=name)
        matching = glob.iglob(name, recursive=True)  # noqa: PTH207 - pathlib takes no absolute pattern
        found = sorted(path for path in matching if Path(path).is_file())
        if not found:
            raise UserError("no file matches", path=name)
        for path in found:
            yield InputFile(path, self._kind(path), Path(path).stem)


def count_lines(path: Path) -> int:
    """The line ends of a file, and its last line if that has none."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(BUFFER):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def _walk(folder: str) -> Iterator[str]:
    """The files in `folder`, at any depth, in the order of their paths.

    Hidden files and folders are passed over, and what macOS adds to archives; links to folders are not
    followed. No more is held than the names in the folders above a file.
    """
    with os.scandir(folder) as entries:
        visible = sorted(
            (entry for entry in entries if not entry.name.startswith(".") and entry.name != "__MACOSX"),
            key=lambda entry: entry.name,
        )
    for entry in visible:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_file():
            yield entry.path
