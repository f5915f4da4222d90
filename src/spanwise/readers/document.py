"""A document as its format has it, before policies make it an `Example`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.schema import SplitName


@dataclass(frozen=True)
class Annotation:
    """A labelled piece of text, which may be interrupted.

    Attributes:
        fragments: Half-open character offsets of its parts, at least one.
        label: Its type.
        line: Where it is written in the document's file, counted from 1.
    """

    fragments: tuple[tuple[int, int], ...]
    label: str
    line: int | None


@dataclass(frozen=True)
class Document:
    """A text with annotations that may be interrupted, overlap and stand in any order, or with a text target.

    Attributes:
        id: Unique in its corpus.
        text: The text that the annotations' offsets count in.
        annotations: In the order of the file.
        path: The file that holds the annotations; `None` for a data set without files.
        group: What must stay on one side of a split; `None` where the format does not say.
        split: The side that the corpus publishes for it.
        target: What is to be learnt instead of annotations, if it is text.
        stratum: What a document with a text target counts as.
        attributes: What else the task knows of it.
    """

    id: str
    text: str
    annotations: tuple[Annotation, ...]
    path: Path | None
    group: str | None = None
    split: SplitName | None = None
    target: str | None = None
    stratum: str | None = None
    attributes: dict[str, Any] | None = None
