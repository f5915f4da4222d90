"""What passes through a bulk run: documents, failures in their place, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A text to find entities in.

    Attributes:
        id: What it is called in the output, unique in a run.
        text: As it was read; offsets count its characters.
        place: Where it came from, for messages: `FILE` or `FILE:LINE`.
        name: The path of its files in a folder of files, without a suffix.
    """

    id: str
    text: str
    place: str
    name: str


@dataclass(frozen=True)
class Failure:
    """A document that nothing was found for, and why; never its text.

    Attributes:
        id: None where it could not be read.
        place: As of a `Document`.
        reason: What is wrong with it.
    """

    id: str | None
    place: str
    reason: str


Item = Document | Failure
Chunk = Sequence[Item]


@dataclass(frozen=True)
class Rendered:
    """What was found in one document, as it is written.

    Attributes:
        lines: With their line ends.
        entities: How many were found.
        characters: How many the document has.
        left_out: Entities that the format cannot express.
    """

    lines: str
    entities: int
    characters: int
    left_out: int = 0


Outcome = Rendered | Failure
