"""Read the documents of a folder, and tell of each what it takes to process it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spanwise.documents import LIMITS, Limits, ReadDocument, read_documents
from spanwise.errors import UserError

NGRAM, OVERLAP = 5, 0.5
"""Documents are near copies when they share more than half of the smaller one's runs of five words."""
LONG = 3  # pages, above which a document is
DISAGREEING = 0.05  # share of words that two programs read differently, above which they do
GRADES = ("simple", "moderate", "complex")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Entry:
    """One file.

    Attributes:
        path: From the folder on, with slashes. Personal data, as names of files are.
        document: What reading it gave, without text and lines.
        words: Of the text.
        traits: What makes it hard to process, in words.
        copies: Number of the set of files with the same bytes, None where there is no other.
        near: Number of the set of near copies, exact ones included, None where there is no other.
    """

    path: str
    document: ReadDocument
    words: int
    traits: tuple[str, ...]
    copies: int | None = None
    near: int | None = None

    @property
    def complexity(self) -> str | None:
        """How hard it is, by the number of its traits; None where it has no text."""
        return GRADES[min(2, (len(self.traits) + 1) // 2)] if self.document.status == "ok" else None


def find_files(folder: Path) -> tuple[list[Path], int]:
    """The files of a folder and its subfolders by name, and how many are left out: hidden ones and links.

    Raises:
        UserError: If there is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise UserError("no such folder", path=folder)
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    kept = [path for path in found if not (path.is_symlink() or _hidden(path.relative_to(folder)))]
    if not kept:
        raise UserError("holds no document", path=folder)
    return kept, len(found) - len(kept)


def _hidden(path: Path) -> bool:
    return any(name.startswith(".") for name in path.parts)


def survey(
    folder: Path,
    files: Iterable[Path],
    *,
    workers: int = 1,
    limits: Limits = LIMITS,
    cross_check: bool = True,
    advance: Callable[[int], None] | None = None,
) -> list[Entry]:
    """Read files and compare them.

    Args:
        folder: That the files are in.
        files: In the order of the entries.
        workers: Processes that read.
        limits: What reading each may cost.
        cross_check: Whether to compare what two programs read in PDFs.
        advance: Told how many more files are done.
    """
    paths = list(files)
    entries, texts = [], []
    read = read_documents(paths, workers=workers, limits=limits, cross_check=cross_check)
    for path, document in zip(paths, read, strict=True):
        texts.append(document.text)
        entries.append(_entry(path.relative_to(folder).as_posix(), document))
        if advance:
            advance(1)
    copies = _numbered(_same_bytes(entries), len(entries))
    near = _numbered([*_same_bytes(entries), *_near_copies(texts)], len(entries))
    return [
        replace(entry, copies=copies.get(index), near=near.get(index)) for index, entry in enumerate(entries)
    ]


def _entry(path: str, document: ReadDocument) -> Entry:
    words = len(_WORD.findall(document.text))
    bare = document.model_copy(update={"text": "", "lines": (), "parts": ()})
    return Entry(path, bare, words, tuple(_traits(document)))


def _traits(document: ReadDocument) -> Iterator[str]:
    kinds = {part.kind for part in document.parts}
    found = {
        document.layout: document.layout != "single",
        "several columns": document.columns > 2,
        "long": (document.pages or 1) > LONG,
        "images": document.images > 0,
        "pages without text": bool(document.pages_without_text),
        "programs disagree": (document.disagreement or 0) > DISAGREEING,
        "text boxes": "text_box" in kinds,
        "headers or footers": bool(kinds & {"header", "footer"}),
        "comments": "comment" in kinds,
        "tracked changes": bool(kinds & {"inserted", "deleted"}),
        "hidden text": "hidden" in kinds,
    }
    return (name for name, true in found.items() if true)


def _same_bytes(entries: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        digest = entry.document.digest
        if digest and first.setdefault(digest, index) != index:
            yield first[digest], index


def _near_copies(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    from spanwise.splits.overlap import overlapping

    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        if text.strip() and first.setdefault(text, index) != index:
            yield first[text], index
    distinct = list(first.values())
    for one, other in overlapping([texts[each] for each in distinct], ngram=NGRAM, overlap=OVERLAP):
        yield distinct[one], distinct[other]


def _numbered(pairs: Iterable[tuple[int, int]], size: int) -> Mapping[int, int]:
    """Sets of what pairs join, numbered from 1 by their first member."""
    from spanwise.splits.twins import find_components

    ties: list[set[tuple[str, int, int]]] = [set() for _ in range(size)]
    for one, other in pairs:
        for each in (one, other):
            ties[each].add(("pair", one, other))
    components = find_components(ties)
    sizes = Counter(components)
    shared = dict.fromkeys(each for each in components if sizes[each] > 1)
    number = {component: index for index, component in enumerate(shared, start=1)}
    return {index: number[each] for index, each in enumerate(components) if each in number}
