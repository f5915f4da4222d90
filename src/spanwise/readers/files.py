"""Which files of a folder belong to a corpus, and which side of a split they are named after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePath

from spanwise.schema import SplitName

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "brat": (".ann", ".txt"),
    "chat": (".jsonl",),
    "frenchmedmcqa": (".json", ".json.gz"),
    "iob": (".bio", ".conll", ".iob", ".iob2", ".iobes", ".tsv", ".txt"),
    "jsonl": (".jsonl",),
    "medquad": (".jsonl", ".jsonl.gz"),
    "pairs": (".jsonl",),
    "presidio": (".json",),
    "quaero": (".ann", ".tar.gz", ".txt"),
    "txt": (".txt",),
    "xml": (".xml",),
}
"""The files that the reader of each format opens, in small or capital letters; all others are passed over."""

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
    return [path for path in _visible_files(folder) if path.name.lower().endswith(SUFFIXES[format])]


def passed_over(folder: Path, format: str) -> list[Path]:
    """The other files in `folder`, hidden ones aside, sorted."""
    return [path for path in _visible_files(folder) if not path.name.lower().endswith(SUFFIXES[format])]


def _visible_files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if not _hidden(path.relative_to(folder)))
    return sorted(path for path in found if path.is_file())


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def published_split(path: PurePath) -> SplitName | None:
    """The side of a split that a file, its folder or a data set's own split is named after, if one is.

    A folder's whole name counts (`train/part1.tsv`), and any word of a file's (`ner_train.tsv`). The
    outermost part of the path that names a side decides, so that `train/blood-test.txt` is for training; a
    file that names two (`train_test.tsv`) names none.

    Args:
        path: Relative to the corpus.
    """
    for words in (*([part.lower()] for part in path.parts[:-1]), re.findall("[a-z]+", path.name.lower())):
        sides = {_SPLIT_NAMES[word] for word in words if word in _SPLIT_NAMES}
        if sides:
            return sides.pop() if len(sides) == 1 else None
    return None
