"""The files of a folder that a loader reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.schema import Change

PASSED_OVER = frozenset({"__pycache__", "site-packages", "node_modules"})
"""Folders below the one asked for that hold other people's files, or none to read."""


def source_files(folder: Path, names: Collection[str]) -> Iterator[tuple[str, Path]]:
    """Files and what they are called in ids, in the order of their paths; hidden ones are passed over.

    Args:
        folder: Where they lie, at any depth.
        names: Endings, or whole names, of the files.

    Raises:
        UserError: If there is no such folder.
    """
    if not folder.is_dir():
        raise UserError("no such folder", path=folder)
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in PASSED_OVER for part in inner.parts)
        if not hidden and (path.suffix in names or path.name in names) and path.is_file():
            yield f"{folder.resolve().name}/{inner.as_posix()}", path


def read(name: str, path: Path) -> str | Change:
    """The text of a file, or that it has none."""
    try:
        return read_text(path)
    except UserError:
        return Change(kind="left_out", reason="unreadable", document=name)
