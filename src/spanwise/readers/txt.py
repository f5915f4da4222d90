"""Bare text: each `.txt` file is a document without annotations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.readers.document import Document
from spanwise.readers.files import corpus_files
from spanwise.readers.lines import BOM


def read_txt(folder: Path) -> Iterator[Document | UserError]:
    """The documents in `folder`, at any depth, in the order of their ids: relative paths without suffix.

    Texts keep their line ends, and lose a byte order mark at their start. A file that cannot be read yields
    the error that names it. Names like `test/` mean nothing here: what has no annotations is on no side.
    """
    files = (
        (path.relative_to(folder).with_suffix("").as_posix(), path) for path in corpus_files(folder, "txt")
    )
    for name, path in sorted(files):
        try:
            yield Document(name, read_text(path).removeprefix(BOM), (), path)
        except UserError as error:
            yield error
