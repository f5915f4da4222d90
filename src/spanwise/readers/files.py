"""Which files of a folder belong to a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spanwise.schema import SplitName

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "brat": (".ann", ".txt"),
    "iob": (".conll", ".iob", ".tsv", ".txt"),
    "jsonl": (".jsonl",),
}
"""The files that the reader of each format opens; all others in a folder are never looked at."""

_SPLIT_NAMES: Mapping[str, SplitName] = {
    "train": "train",
    "training": "train",
    "dev": "validation",
    "devel": "validation",
    "development": "validation",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def corpus_files(folder: Path, format: str) -> list[Path]:
    """The files in `folder`, at any depth, that the reader of `format` opens, sorted.

    Hidden files and folders, and what macOS adds to archives, are passed over.
    """
    suffixes = SUFFIXES[format]
    found = (path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())
    return sorted(path for path in found if not _hidden(path.relative_to(folder)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def published_split(name: str) -> SplitName | None:
    """The side of a split that a file, a folder or a data set's own split is named after, if it is."""
    return _SPLIT_NAMES.get(name.lower())
